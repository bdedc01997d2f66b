import { expect, test } from 'vitest';
import { type Context, uuid } from '../core/index.ts';
import { administrator, testContext, testDatabase } from '../testing/index.ts';
import { administratorId, createUser, editUser, listUsers, UserRow } from './index.ts';

const refused = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => String(error.code),
  );

const create = (ctx: Context, name: string, role: 'admin' | 'agent' = 'agent') =>
  createUser(ctx, { email: `${name}@example.com`, name, role });

test('of administrators who all take each other out at once, one stays', async () => {
  const { db } = await testDatabase({ poolSize: 20 });
  const ctx = testContext(db);
  const ids: string[] = [];
  for (let n = 0; n < 8; n += 1) ids.push((await create(ctx, `admin${n}`, 'admin')).id);
  await editUser(ctx, { id: administratorId, active: false });
  const outcomes = await Promise.all(
    ids.map((id, n) => {
      const theirs = testContext(db, { caller: { ...administrator, id } });
      const next = String(ids[(n + 1) % ids.length]);
      return refused(editUser(theirs, n % 2 ? { id: next, active: false } : { id: next, role: 'agent' }));
    }),
  );
  expect(outcomes.filter((outcome) => outcome === 'user.last_administrator')).toHaveLength(1);
  expect(await UserRow.query(db).where({ role: 'admin', active: true }).resultSize()).toBe(1);
});

test('administrators come and go at once without getting into the way of each other', async () => {
  const { db } = await testDatabase({ poolSize: 20 });
  const ctx = testContext(db);
  const ids: string[] = [];
  for (let n = 0; n < 6; n += 1) ids.push((await create(ctx, `user${n}`)).id);
  const roles = ['admin', 'agent', 'lead'] as const;
  const changes = Array.from({ length: 60 }, (_, n) =>
    editUser(ctx, { id: String(ids[(n * 5) % ids.length]), role: roles[n % 3]!, active: n % 4 > 0 }),
  );
  expect((await Promise.allSettled(changes)).filter(({ status }) => status === 'rejected')).toEqual([]);
});

test('an email is one whatever the case of its letters, also when two take it at once', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const outcomes = await Promise.all(['ann', 'ANN', 'Ann', 'aNn'].map((name) => refused(create(ctx, name))));
  expect(outcomes.sort()).toEqual(['done', ...Array(3).fill('user.email_taken')]);
});

test('users are listed by name whatever the case, each once, however the list is cut; a name may hold anything', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const names = ['zoë', 'Zoe', 'zoe', 'ann', 'ANN', 'a%b', 'a_b', 'a\\b', 'İpek', 'ß', '😀'];
  for (const [n, name] of names.entries())
    await createUser(ctx, { email: `u${n}@example.com`, name, role: 'agent' });
  const whole = (await listUsers(ctx, { limit: 100 })).items.map(({ id }) => id);
  expect(new Set(whole).size).toBe(names.length + 1);
  for (const limit of [1, 2, 5]) {
    const walked: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await listUsers(ctx, { limit, ...(cursor ? { cursor } : {}) });
      walked.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(walked).toEqual(whole);
  }
  const begins = async (name: string) =>
    (await listUsers(ctx, { limit: 100, name })).items.map((user) => user.name);
  expect((await begins('ANN')).sort()).toEqual(['ANN', 'ann']);
  for (const name of ['a%', 'a_', 'a\\']) expect(await begins(name)).toEqual([`${name}b`]);
});

test('a patch that changes nothing writes nothing', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const { id } = await create(ctx, 'ann');
  const count = async () => Number((await db('audit_entries').count())[0]?.count);
  const before = await count();
  await editUser(ctx, { id, name: 'ann', email: 'ann@example.com', role: 'agent', active: true });
  await editUser(ctx, { id });
  expect(await count()).toBe(before);
});

test('a user without an email is one that was imported: the database itself refuses any other', async () => {
  const { db } = await testDatabase();
  const { id } = await create(testContext(db), 'ann');
  await expect(db('users').where({ id }).update({ email: null })).rejects.toThrow(
    'users_email_unless_imported',
  );
});

test('ids are read in lower case', () => {
  expect(uuid().parse('019C1378-2A00-7D3B-9A50-3F5C1B7E9D12')).toBe('019c1378-2a00-7d3b-9a50-3f5c1b7e9d12');
});
