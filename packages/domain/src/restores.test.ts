import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as analytics from './analytics/index.ts';
import { AskFigures } from './analytics/index.ts';
import * as audit from './audit/index.ts';
import { listMigrations } from './core/index.ts';
import { restore } from './restores.ts';
import { type Forgery, forge } from './testing/forged-backup.ts';
import { testContext, testDatabase } from './testing/index.ts';
import { contentAt, keptDesk, newFile, ODD, refused, save, visit } from './testing/kept-desk.ts';
import { create, findInconsistentTickets, move } from './tickets/index.ts';

const desk = await keptDesk();
const { kept } = desk;
/** As many tickets as the desk has, and one number that was taken and given back. */
const NEXT = ODD.length + 2;

const back = (file: string, url: string, more: { replace?: boolean; nextNumber?: number } = {}) =>
  restore({ url, file, by: 'root (operating system)', ...more });

const createAt = (url: string): Promise<number> =>
  visit(url, async (db) => (await create(testContext(db), { title: 'Next' })).id);

test('a number that the replaced desk gave is not given again', async () => {
  const { url } = await testDatabase({ empty: true });
  await back(kept, url);
  for (let n = 0; n < 4; n += 1) await createAt(url);
  const restored = await back(kept, url, { replace: true });
  expect(restored).toMatchObject({ replaced: true, nextNumber: NEXT + 4, mayRepeatNumbers: false });
  expect(await createAt(url)).toBe(NEXT + 4);
  // Nor by a desk that is behind the backup.
  const behind = await testDatabase();
  await visit(behind.url, (db) => create(testContext(db), { title: 'One' }));
  const again = await back(kept, behind.url, { replace: true });
  expect(again).toMatchObject({ replaced: true, nextNumber: NEXT, mayRepeatNumbers: true });
  expect(await createAt(behind.url)).toBe(NEXT);
});

test('an empty desk goes on where it is told to, and never below the backup', async () => {
  const { url } = await testDatabase({ empty: true });
  await expect(back(kept, url, { nextNumber: NEXT - 1 })).rejects.toMatchObject({
    code: 'backup.number_taken',
    message: expect.stringContaining(`Name ${NEXT} or a higher one`),
  });
  const plain = await back(kept, url);
  expect(plain).toMatchObject({ replaced: false, nextNumber: NEXT, mayRepeatNumbers: true });
  const skipped = await back(kept, url, { replace: true, nextNumber: 5000 });
  expect(skipped).toMatchObject({ nextNumber: 5000, mayRepeatNumbers: false });
  expect(await createAt(url)).toBe(5000);
  // A backup of this desk knows where it is.
  const file = newFile();
  await save(url, file);
  const { url: other } = await testDatabase({ empty: true });
  expect(await back(file, other)).toMatchObject({ nextNumber: 5001 });
});

test('a number is refused that leaves no room for those that follow', async () => {
  const { url } = await testDatabase({ empty: true });
  const most = 1_000_000_000_000;
  await expect(back(kept, url, { nextNumber: most + 1 })).rejects.toMatchObject({
    code: 'backup.number_too_high',
    message: expect.stringContaining(`${most} or a lower one`),
  });
  await back(kept, url, { nextNumber: most });
  expect(await createAt(url)).toBe(most);
  expect(await createAt(url)).toBe(most + 1);
});

test('figures are counted from the events, whatever the backup says of them', async () => {
  const { url, db } = await testDatabase({ empty: true });
  const forged = await forge(kept, ({ tables }) => {
    for (const name of ['ticket_facts', 'ticket_facts_waiting', 'ticket_tallies']) tables[name] = '';
  });
  await back(forged, url);
  const asked = AskFigures.parse({ from: '2026-01-31', to: '2026-02-01' });
  const { total } = await analytics.tickets(testContext(db), asked);
  expect(total).toMatchObject({ opened: ODD.length, backlog: ODD.length });
});

test('a restore is on record in the desk that it made', async () => {
  const { url, db } = await testDatabase({ empty: true });
  const { at } = await back(kept, url);
  const { items } = await audit.list(testContext(db), { limit: 10, action: ['desk.restored'] });
  expect(items).toMatchObject([
    {
      actor: { id: null, kind: 'system', name: 'root (operating system)' },
      subject: null,
      changes: {
        backup: {
          to: {
            takenAt: at,
            sha256: createHash('sha256').update(readFileSync(kept)).digest('hex'),
            rows: expect.any(Number),
          },
        },
        replaced: { to: false },
        nextNumber: { to: NEXT },
      },
    },
  ]);
});

/** Changes the first line of a table's rows, field by field. */
const inLine =
  (table: string, index: number, change: (fields: string[], columns: string[]) => void) =>
  ({ tables, manifest }: Forgery): void => {
    const lines = String(tables[table]).split('\n');
    const fields = String(lines[index]).split('\t');
    change(fields, manifest.tables.find(({ name }: { name: string }) => name === table).columns);
    lines[index] = fields.join('\t');
    tables[table] = lines.join('\n');
  };

const setting =
  (column: string, value: string) =>
  (fields: string[], columns: string[]): void => {
    fields[columns.indexOf(column)] = value;
  };

const forgeries: [what: string, code: string, change: (forgery: Forgery) => void][] = [
  ['no migrations', 'backup.damaged', ({ manifest }) => manifest.migrations.splice(0)],
  ['a migration twice', 'backup.damaged', ({ manifest }) => manifest.migrations.push(manifest.migrations[0])],
  ['a migration too few', 'backup.schema_differs', ({ manifest }) => manifest.migrations.pop()],
  [
    'the first migration alone',
    'backup.schema_differs',
    ({ manifest }) => manifest.migrations.splice(1, manifest.migrations.length),
  ],
  [
    'an unknown migration',
    'backup.too_new',
    ({ manifest }) => manifest.migrations.push('29990101000000_x_y'),
  ],
  [
    'a table too few',
    'backup.schema_differs',
    ({ manifest }) =>
      manifest.tables.splice(
        manifest.tables.findIndex(({ name }: { name: string }) => name === 'audit_entries'),
        1,
      ),
  ],
  ['a table twice', 'backup.damaged', ({ manifest }) => manifest.tables.push(manifest.tables[0])],
  [
    'a column that does not exist',
    'backup.schema_differs',
    ({ manifest }) =>
      manifest.tables.find(({ name }: { name: string }) => name === 'users').columns.push('x'),
  ],
  ['no sequences', 'backup.schema_differs', ({ manifest }) => manifest.sequences.splice(0)],
  [
    'a sequence behind its rows',
    'backup.schema_differs',
    ({ manifest }) =>
      Object.assign(
        manifest.sequences.find(({ name }: { name: string }) => name === 'tickets_id_seq'),
        { value: '3' },
      ),
  ],
  [
    'a sequence beyond all numbers',
    'backup.damaged',
    ({ manifest }) => Object.assign(manifest.sequences[0], { value: '9'.repeat(30) }),
  ],
  [
    'other migrations in the table',
    'backup.schema_differs',
    ({ tables }) => {
      tables.migrations = String(tables.migrations).split('\n').slice(1).join('\n');
    },
  ],
  ['a changed title', 'backup.inconsistent', inLine('tickets', 0, setting('title', 'Another title'))],
  ['a version too low', 'backup.inconsistent', inLine('tickets', 0, setting('version', '1'))],
  ['a version too high', 'backup.inconsistent', inLine('tickets', 0, setting('version', '9'))],
  ['a moved ticket', 'backup.inconsistent', inLine('tickets', 0, setting('status', 'in_progress'))],
  ['a state that no rule allows', 'backup.inconsistent', inLine('tickets', 0, setting('status', 'closed'))],
  ['a value that is none', 'backup.inconsistent', inLine('tickets', 0, setting('created_at', 'soon'))],
  [
    'an event that tells another title',
    'backup.inconsistent',
    inLine('ticket_events', 1, setting('changes', '{"title": {"to": "Forged", "from": "x"}}')),
  ],
  [
    'a ticket opened earlier',
    'backup.inconsistent',
    inLine('tickets', 0, setting('created_at', '2001-01-01 00:00:00+00')),
  ],
  [
    'a ticket changed later',
    'backup.inconsistent',
    inLine('tickets', 0, setting('updated_at', '2099-01-01 00:00:00+00')),
  ],
  [
    'a ticket changed before its last event',
    'backup.inconsistent',
    inLine('tickets', 0, setting('updated_at', '2001-01-01 00:00:00+00')),
  ],
  [
    'a sequence beyond what a key can name',
    'backup.damaged',
    ({ manifest }) =>
      Object.assign(
        manifest.sequences.find(({ name }: { name: string }) => name === 'tickets_id_seq'),
        { value: '9007199254740991' },
      ),
  ],
  [
    'a migration too few in the middle',
    'backup.schema_differs',
    ({ manifest }) => manifest.migrations.splice(5, 1),
  ],
  ['an event with a gap before it', 'backup.inconsistent', inLine('ticket_events', 1, setting('seq', '7'))],
  [
    'an event less',
    'backup.inconsistent',
    ({ tables }) => {
      tables.ticket_events = String(tables.ticket_events).split('\n').slice(0, -2).concat('').join('\n');
    },
  ],
  ['an event of no ticket', 'backup.inconsistent', inLine('ticket_events', 0, setting('ticket_id', '999'))],
];

test.each(forgeries)('%s is refused (%s), and the desk stays as it was', async (_what, code, change) => {
  const { url } = await testDatabase();
  await visit(url, (db) => create(testContext(db), { title: 'Precious' }));
  const before = await contentAt(url);
  expect(await refused(back(await forge(kept, change), url, { replace: true }))).toBe(code);
  expect(await contentAt(url)).toEqual(before);
});

test('a copy with nothing changed is restored', async () => {
  const { url, db } = await testDatabase({ empty: true });
  await back(await forge(kept, () => {}), url);
  expect(await findInconsistentTickets(db)).toEqual([]);
  const ctx = testContext(db);
  await move(ctx, { id: 1, status: 'closed', resolution: { code: 'fixed', note: 'x' } });
  await move(ctx, { id: 1, status: 'in_progress' });
  await move(ctx, { id: 1, status: 'on_hold', holdReason: 'vendor' });
  await move(ctx, { id: 2, status: 'resolved', resolution: { code: 'fixed' } });
  expect(await findInconsistentTickets(db)).toEqual([]);
});

test('a restore that is killed while it replaces leaves the desk that there was', async () => {
  const { url } = await testDatabase();
  await visit(url, (db) => create(testContext(db), { title: 'Precious' }));
  const before = await contentAt(url);
  const script = join(import.meta.dirname, 'testing/restore-process.ts');
  const child = spawn(process.execPath, [script, url, kept, 'replace'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await contentAt(url)).toEqual(before);
  expect(await listMigrations()).toHaveLength(before.migrations?.length ?? 0);
});
