import { expect, test } from 'vitest';
import { inspect } from '../guards.ts';
import { testContext } from '../testing/index.ts';
import { back, newFile, refused, save, visit } from '../testing/kept-desk.ts';
import { databaseOwnedBy, testRole, urlAs } from '../testing/roles.ts';
import { create, edit } from '../tickets/index.ts';
import { grantServing, keepMigrationsOff, listMigrations, migrate, migrateWithin } from './index.ts';

/** A desk of two roles: one owns it, the other serves it. */
async function deskOfTwo() {
  const [owner, serving] = [await testRole('owner'), await testRole('serving')];
  const url = await databaseOwnedBy(owner);
  await migrate(url);
  await visit(url, (db) => grantServing(db, serving));
  return { url, serving, servingUrl: urlAs(url, serving) };
}

/** What would rewrite the history, or let it be rewritten. */
const attacks = [
  `update ticket_events set actor_name = 'Somebody else'`,
  'delete from ticket_events',
  'truncate ticket_events cascade',
  `update audit_entries set actor_name = 'Somebody else'`,
  'delete from audit_entries',
  'truncate audit_entries',
  'delete from tickets',
  'delete from users',
  'alter table ticket_events disable trigger all',
  'alter table ticket_events disable trigger ticket_events_are_final',
  'drop trigger ticket_events_are_final on ticket_events',
  'create or replace function ticket_events_are_final() returns trigger language plpgsql as $$ begin return new; end $$',
  'drop table ticket_events cascade',
  'alter table ticket_events drop constraint ticket_events_gapless',
  'create rule swallow as on insert to ticket_events do instead nothing',
  'create trigger mine before insert on ticket_events for each row execute function ticket_events_are_final()',
  'create table mine (a integer)',
  'create temporary table tickets (id bigint, version integer)',
  'set session_replication_role = replica',
  'delete from migrations',
  'update migrations_lock set is_locked = 1',
  'select setval($$tickets_id_seq$$, 1)',
  'select recount_ticket_facts()',
];

test('a role that serves writes tickets, and can by no statement change what happened', async () => {
  const { servingUrl } = await deskOfTwo();
  await visit(servingUrl, async (db) => {
    const ctx = testContext(db);
    const { id } = await create(ctx, { title: 'By the role that serves' });
    await edit(ctx, { id, title: 'Edited' });
    for (const attack of attacks) expect([attack, await refused(db.raw(attack))]).toEqual([attack, '42501']);
    expect(await db('ticket_events').where({ ticket_id: id })).toHaveLength(2);
    const { account, broken } = await inspect(db);
    expect(account).toMatchObject({
      superuser: false,
      ownsTables: false,
      mayDisableTriggers: false,
      mayChangeHistory: false,
    });
    expect(broken).toEqual([]);
  });
});

test('a role that serves starts on a schema that is up to date, and is told who can bring it there', async () => {
  const { servingUrl } = await deskOfTwo();
  expect(await migrate(servingUrl)).toEqual([]);
  const [owner, serving] = [await testRole('owner'), await testRole('serving')];
  const empty = await databaseOwnedBy(owner);
  await expect(migrate(urlAs(empty, serving))).rejects.toMatchObject({
    code: 'database.not_migrated',
    message: expect.stringMatching(
      new RegExp(`account ${serving} may not change it; run .tocsin db migrate`),
    ),
  });
});

test('tables that a migration or a restore makes are granted to those who served before', async () => {
  const { url, servingUrl } = await deskOfTwo();
  const file = newFile();
  await visit(servingUrl, (db) => create(testContext(db), { title: 'Kept' }));
  await save(servingUrl, file);
  await back(file, url, true);
  await visit(servingUrl, (db) => create(testContext(db), { title: 'After the restore' }));

  const [owner, role] = [await testRole('owner'), await testRole('serving')];
  const old = await databaseOwnedBy(owner);
  await visit(old, (db) =>
    db.transaction(async (trx) => {
      await keepMigrationsOff(trx);
      await migrateWithin(trx, (await listMigrations()).slice(0, 4));
    }),
  );
  await visit(old, (db) => grantServing(db, role));
  expect((await migrate(old)).length).toBeGreaterThan(10);
  await visit(urlAs(old, role), (db) => create(testContext(db), { title: 'After the migrations' }));
});

test('roles that grants cannot bound, and roles that are not there, are refused', async () => {
  const { url, serving } = await deskOfTwo();
  const owner = decodeURIComponent(new URL(url).username);
  await visit(url, async (db) => {
    expect(await refused(grantServing(db, owner))).toBe('role.too_powerful');
    expect(await refused(grantServing(db, 'postgres'))).toBe('role.too_powerful');
    expect(await refused(grantServing(db, 'nobody "of" that name'))).toBe('role.not_found');
    await db.raw(`grant update on ticket_events to ${serving}`);
    expect((await grantServing(db, serving)).join('\n')).toContain(
      `grant select, insert on public."ticket_events" to "${serving}"`,
    );
  });
  await visit(urlAs(url, serving), async (db) =>
    expect((await inspect(db)).account.mayChangeHistory).toBe(false),
  );
});
