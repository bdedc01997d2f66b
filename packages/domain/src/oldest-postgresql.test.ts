import { expect, test } from 'vitest';
import * as analytics from './analytics/index.ts';
import { grantServing, MIN_POSTGRESQL_MAJOR, migrate, migrationStatus } from './core/index.ts';
import { inspect } from './guards.ts';
import { restore } from './restores.ts';
import { count } from './search/index.ts';
import { testContext, testDatabase } from './testing/index.ts';
import { installedPostgres, isInstalled } from './testing/installed-postgres.ts';
import { keptDesk, newFile, save, visit } from './testing/kept-desk.ts';
import { create, findInconsistentTickets, move } from './tickets/index.ts';

// Skipped where Debian's package is not installed: `apt-get install postgresql-15`.
const installed = isInstalled(MIN_POSTGRESQL_MAJOR);
const server = installed ? await installedPostgres(MIN_POSTGRESQL_MAJOR) : '';
const desk = await keptDesk();

async function database(name: string): Promise<string> {
  await visit(server, (db) =>
    db.raw(`create database ${name} template template0 encoding 'UTF8' locale 'C.UTF-8'`),
  );
  return server.replace(/\/postgres$/, `/${name}`);
}

test.runIf(installed)(
  'the oldest PostgreSQL takes all migrations, and all guards of the history stand',
  async () => {
    const url = await database('migrated');
    await migrate(url);
    await visit(url, async (db) => {
      expect((await migrationStatus(db)).pending).toEqual([]);
      expect(await inspect(db)).toMatchObject({ broken: [], server: { foldsLetters: true } });
      await db.raw('create role serving login');
      await grantServing(db, 'serving');
      const ctx = testContext(db);
      const { id } = await create(ctx, { title: 'Ärger mit dem VPN', tags: ['vpn'] });
      await move(ctx, { id, status: 'resolved', resolution: { code: 'fixed' } });
      expect((await count(ctx, { q: 'ÄRGER' })).count).toBe(1);
      await analytics.settle(db);
      await expect(db.raw(`update ticket_events set actor_name = 'X'`)).rejects.toMatchObject({
        code: '23001',
      });
    });
  },
);

test.runIf(installed)(
  'the oldest PostgreSQL takes the backup of a newer one, and the newer one takes its backup',
  async () => {
    const url = await database('restored');
    await restore({ url, file: desk.kept, by: 'root' });
    const titles = (at: string) => visit(at, (db) => db('tickets').orderBy('id').pluck('title'));
    expect(await titles(url)).toEqual(await titles(desk.url));
    const file = newFile();
    await save(url, file);
    const newer = await testDatabase({ empty: true });
    await restore({ url: newer.url, file, by: 'root' });
    expect(await titles(newer.url)).toEqual(await titles(desk.url));
    expect(await findInconsistentTickets(newer.db)).toEqual([]);
  },
);
