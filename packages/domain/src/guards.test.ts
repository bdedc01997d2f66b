import type { Knex } from 'knex';
import { expect, test } from 'vitest';
import { definedTriggers, functionBodies, guardFunctions, guardTriggers, inspect } from './guards.ts';
import { testDatabase } from './testing/index.ts';

test('the migrations make every guard that is looked for', async () => {
  const { db } = await testDatabase();
  const triggers = await definedTriggers(db);
  expect(triggers).toEqual(expect.arrayContaining([...guardTriggers]));
  const ofHistory = triggers.filter((text) => / ON public\.(ticket_events|audit_entries) /.test(text));
  expect(guardTriggers).toEqual(expect.arrayContaining(ofHistory));
  expect(Object.fromEntries(await functionBodies(db))).toEqual(guardFunctions);
  expect((await inspect(db)).broken).toEqual([]);
});

test('a database without a schema has nothing that could be broken', async () => {
  const { db } = await testDatabase({ empty: true });
  expect(await inspect(db)).toMatchObject({ broken: [], account: { superuser: true } });
});

const breaks: [what: string, sql: string, told: RegExp][] = [
  [
    'a trigger that was dropped',
    'drop trigger ticket_events_stay on ticket_events',
    /trigger ticket_events_stay of ticket_events is missing/,
  ],
  [
    'a trigger that is disabled',
    'alter table audit_entries disable trigger audit_entries_are_final',
    /audit_entries_are_final of audit_entries is disabled/,
  ],
  [
    'triggers that run on replicas only',
    'alter table tickets enable replica trigger tickets_only_forward',
    /tickets_only_forward of tickets is disabled/,
  ],
  [
    'foreign keys that are not checked',
    'alter table ticket_events disable trigger all',
    /Foreign keys of ticket_events are not checked/,
  ],
  [
    'a trigger with a condition',
    `create or replace trigger ticket_events_are_final before update or delete on ticket_events for each row when (false) execute function ticket_events_are_final()`,
    /ticket_events_are_final of ticket_events is missing, or is not as it was made/,
  ],
  [
    'a function that does nothing',
    'create or replace function ticket_events_are_final() returns trigger language plpgsql as $$ begin return new; end $$',
    /function ticket_events_are_final/,
  ],
  [
    'a constraint that was dropped',
    'alter table tickets drop constraint tickets_version_has_event',
    /constraint tickets.tickets_version_has_event is missing/,
  ],
  [
    'a constraint that old rows need not keep',
    `alter table ticket_events drop constraint ticket_events_actor, add constraint ticket_events_actor foreign key (actor_id) references users (id) not valid`,
    /ticket_events_actor is not validated/,
  ],
  [
    'a rule',
    'create rule swallow as on insert to ticket_events do instead nothing',
    /rule swallow rewrites statements on ticket_events/,
  ],
  [
    'a setting of the database',
    `do $$ begin execute format('alter database %I set session_replication_role = replica', current_database()); end $$`,
    /No trigger runs for every role in test_/,
  ],
];

const told = async (db: Knex): Promise<string> =>
  (await inspect(db)).broken.map(({ what }) => what).join('\n');

test.each(breaks)('%s is told', async (_what, sql, expected) => {
  const { db } = await testDatabase();
  await db.raw(sql);
  expect(await told(db)).toMatch(expected);
});

test('what is told to do mends it', async () => {
  const { db } = await testDatabase();
  await db.raw('drop trigger ticket_events_stay on ticket_events; alter table tickets disable trigger user');
  await db.raw('create rule swallow as on insert to ticket_events do instead nothing');
  for (const { remedy } of (await inspect(db)).broken) await db.raw(remedy);
  expect(await told(db)).toBe('');
});
