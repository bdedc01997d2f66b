import { expect, test } from 'vitest';
import { type Answer, runApp } from './running-app.ts';

const { call, trpc, database } = await runApp();
const { db } = database;

/** Nothing of the inside: no statement, no name of a table, column or constraint, no code, no path, no stack. */
const INSIDE =
  /\b(insert|update|select|into|returning|constraint|relation|column|canary\w*|tickets?_\w+|SQLSTATE|[0-9]{2}[0-9A-Z]{3}\b(?=["']))|\.ts\b|\.js\b|node_modules|\bat \w+ \(|knex|objection|postgres/i;

const create = (headers: Record<string, string> = {}) => call('/tickets', { json: { title: 'x' }, headers });

async function answers(): Promise<Answer[]> {
  return [
    await create(),
    await create({ 'idempotency-key': 'one' }),
    await trpc('tickets.create', { title: 'x' }, { type: 'mutation' }),
  ];
}

function expectTold(answer: Answer, status: number): void {
  const problem = answer.body.error?.data.problem ?? answer.body;
  expect([answer.status, problem.status]).toEqual([status, status]);
  const { type: _type, requestId: _id, ...told } = problem;
  expect(JSON.stringify(told)).not.toMatch(INSIDE);
  expect(answer.text).not.toMatch(/canary/);
  expect(problem.code).toBe(status === 503 ? 'database.unavailable' : 'internal');
}

/** What a database can say: each code with the status that it means for the caller. */
const codes: [what: string, code: string, status: number][] = [
  ['a unique constraint', '23505', 500],
  ['a foreign key', '23503', 500],
  ['a check', '23514', 500],
  ['a text that is too long', '22001', 500],
  ['a number out of range', '22003', 500],
  ['a value of another type', '22P02', 500],
  ['an internal error', 'XX000', 500],
  ['a statement that took too long', '57014', 503],
  ['an administrator who ends the connection', '57P01', 503],
  ['a lost connection', '08006', 503],
  ['too many connections', '53300', 503],
  ['a database that only reads', '25006', 503],
  ['a disk that fails', '58030', 503],
  ['a full disk', '53100', 503],
  ['a deadlock that does not end', '40P01', 503],
  ['a serialization failure that does not end', '40001', 503],
];

test.each(codes)('%s (%s) is %i and tells nothing of the inside', async (_what, code, status) => {
  await db.raw(
    `create function canary_function() returns trigger language plpgsql as $$
     begin raise exception using errcode = '${code}', message = 'canary message of relation "canary_table"',
       detail = 'Key (canary_column)=(canary value) exists', constraint = 'canary_constraint'; end $$;
     create trigger canary_trigger before insert on tickets for each row execute function canary_function()`,
  );
  try {
    for (const answer of await answers()) expectTold(answer, status);
  } finally {
    await db.raw('drop trigger canary_trigger on tickets; drop function canary_function()');
  }
});

test('a right that is missing is 503, says what to do, and tells nothing of the inside', async () => {
  await db.raw(
    `create function canary_function() returns trigger language plpgsql as $$
     begin raise exception using errcode = '42501', message = 'canary message of relation "canary_table"'; end $$;
     create trigger canary_trigger before insert on tickets for each row execute function canary_function()`,
  );
  for (const answer of await answers()) {
    const problem = answer.body.error?.data.problem ?? answer.body;
    expect([answer.status, problem.code]).toEqual([503, 'database.not_granted']);
    expect(answer.text).not.toMatch(/canary/);
  }
  await db.raw('drop trigger canary_trigger on tickets; drop function canary_function()');
});

const real: [what: string, make: string, undo: string][] = [
  ['unique', 'create unique index canary_index on tickets ((true))', 'drop index canary_index'],
  [
    'foreign key',
    `create table canary_table (title text primary key);
     alter table tickets add constraint canary_key foreign key (title) references canary_table (title) not valid`,
    'alter table tickets drop constraint canary_key; drop table canary_table',
  ],
  [
    'check',
    `alter table tickets add constraint canary_check check (title <> 'x') not valid`,
    'alter table tickets drop constraint canary_check',
  ],
];

test.each(real)(
  'a %s of the database itself that no rule foresees is a 500 without a word of it',
  async (_what, make, undo) => {
    await db('tickets')
      .first()
      .then((row) => row ?? create());
    await db.raw(make);
    try {
      for (const answer of await answers()) expectTold(answer, 500);
    } finally {
      await db.raw(undo);
    }
  },
);

test('after all that the desk is well, and no key was used up', async () => {
  const [first, second] = [
    await create({ 'idempotency-key': 'one' }),
    await create({ 'idempotency-key': 'one' }),
  ];
  expect([first.status, second.status, second.text]).toEqual([201, 201, first.text]);
});
