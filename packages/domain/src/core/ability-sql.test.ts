import fc from 'fast-check';
import type { Knex } from 'knex';
import { expect, test } from 'vitest';
import { rulesFor } from '../permissions.ts';
import { testDatabase } from '../testing/index.ts';
import { ticketColumns } from '../tickets/index.ts';
import { Ability, type Conditions, type Rule, roles } from './ability.ts';
import type { SqlCondition } from './sql-condition.ts';

const values = {
  owner: ['ann', 'bob', null],
  team: ['x', 'y', null],
  status: ['open', 'closed', null],
  restricted: [true, false, null],
} as const;
type Field = keyof typeof values;
const fields = Object.keys(values) as Field[];
const columns = Object.fromEntries(fields.map((field) => [field, `facts.${field}`]));

interface Row extends Record<Field, string | boolean | null> {
  readonly id: number;
}

/** Every row there can be. */
const rows: Row[] = values.owner
  .flatMap((owner) => values.team.map((team) => ({ owner, team })))
  .flatMap((row) => values.status.map((status) => ({ ...row, status })))
  .flatMap((row) => values.restricted.map((restricted) => ({ ...row, restricted })))
  .map((row, id) => ({ ...row, id }));

async function factsDatabase(): Promise<Knex> {
  const { db } = await testDatabase({ poolSize: 1 });
  await db.raw(
    'create temporary table facts (id int, owner text, team text, status text, restricted boolean)',
  );
  await db('facts').insert(rows);
  return db;
}

const anyCondition = (field: Field): fc.Arbitrary<Conditions[string]> => {
  const value = fc.constantFrom<string | boolean | null>(...values[field]);
  const several = fc.array(value, { maxLength: 3 });
  return fc.oneof(
    value,
    value.map(($ne) => ({ $ne })),
    several.map(($in) => ({ $in })),
    several.map(($nin) => ({ $nin })),
  );
};

const anyConditions: fc.Arbitrary<Conditions | undefined> = fc
  .subarray(fields)
  .chain((chosen) =>
    fc.tuple(...chosen.map((field) => anyCondition(field).map((one) => [field, one] as const))),
  )
  .map((pairs) => (pairs.length > 0 ? Object.fromEntries(pairs) : undefined));

const anyRule: fc.Arbitrary<Rule> = fc
  .record({
    action: fc.constantFrom('read' as const, 'edit' as const),
    conditions: anyConditions,
    fields: fc.constantFrom(undefined, ['title'], ['title', 'note'], ['note']),
    inverted: fc.constantFrom(false, false, true),
  })
  .map(({ action, inverted, ...optional }) => ({
    action,
    inverted,
    subject: 'Ticket' as const,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }));

const anyQuestion = fc.record({
  rules: fc.array(anyRule, { maxLength: 6, size: 'max' }),
  field: fc.constantFrom(undefined, 'title', 'note'),
});

const idsWhere = async (db: Knex, { sql, bindings }: SqlCondition): Promise<number[]> =>
  (await db('facts').whereRaw(sql, bindings).orderBy('id').select('id')).map(({ id }) => id);

/** That a list holds exactly the rows that a single question allows, whatever the rules. */
const agreement = (db: Knex, compiled: (condition: SqlCondition) => SqlCondition = (same) => same) =>
  fc.asyncProperty(anyQuestion, async ({ rules, field }) => {
    const ability = new Ability(rules);
    const asked = field === undefined ? {} : { field };
    const allowed = rows
      .filter((row) => ability.can('read', 'Ticket', { row, ...asked }))
      .map(({ id }) => id);
    const listed = await idsWhere(db, compiled(ability.where('read', 'Ticket', { columns, ...asked })));
    expect(listed).toEqual(allowed);
  });

test('for any rules, `can` and the condition in SQL hold for the same rows', async () => {
  const db = await factsDatabase();
  await fc.assert(agreement(db), { numRuns: 1000 });
});

test.each([
  ['forgets that a value can be missing', /\S+ is not null and /g, ''],
  ['takes a rule that forbids for one that allows', /\(not /g, '('],
  ['joins conditions by the wrong word', / and /g, ' or '],
])('a compiler that %s would be found out', async (_fault, pattern, replacement) => {
  const db = await factsDatabase();
  const broken = ({ sql, bindings }: SqlCondition) => ({ sql: sql.replace(pattern, replacement), bindings });
  expect((await fc.check(agreement(db, broken), { numRuns: 1000 })).failed).toBe(true);
});

test('the generated rules allow something and forbid something, so that the property says something', () => {
  const shares = fc.sample(anyQuestion, 300).map(({ rules }) => {
    const ability = new Ability(rules);
    return rows.filter((row) => ability.can('read', 'Ticket', { row })).length / rows.length;
  });
  expect(shares.filter((share) => share > 0 && share < 1).length).toBeGreaterThan(60);
});

test('a condition on a field without a column, or by an operator without a meaning, is a defect', () => {
  const where = (conditions: object) =>
    new Ability([{ action: 'read', subject: 'Ticket', conditions: conditions as Conditions }]).where(
      'read',
      'Ticket',
      {
        columns,
      },
    );
  expect(() => where({ secret: 'x' })).toThrow('no column');
  expect(() => where({ owner: { $gt: 'x' } })).toThrow('by gt');
  expect(() => where({ toString: 'x' })).toThrow();
  expect(() => where({ owner: { $in: [undefined] } })).toThrow('no value');
});

test('no rules are nothing, and the rules of every role can be asked of the database', () => {
  expect(new Ability([]).where('read', 'Ticket', { columns })).toEqual({ sql: 'false', bindings: [] });
  for (const role of roles) {
    const ability = new Ability(rulesFor({ id: 'me', role, teamIds: ['one', 'two'] }));
    for (const action of ['read', 'edit', 'move'] as const)
      expect(() => ability.where(action, 'Ticket', { columns: ticketColumns, field: 'title' })).not.toThrow();
  }
});
