import { afterAll, expect, test } from 'vitest';
import { createDatabase, TestClock } from '../testing/index.ts';
import { Receipt } from './receipts.ts';
import { transact, writing } from './transactions.ts';

const clock = new TestClock();
const database = await createDatabase();
afterAll(() => database.drop());
const { db } = database;
await db.raw('create table marks (id int primary key, value int not null)');
await db('marks').insert([
  { id: 1, value: 0 },
  { id: 2, value: 0 },
]);

const fail = (code: string) => `do $$ begin raise exception using errcode = '${code}'; end $$`;

test.each(['40001', '40P01'])('what failed with %s is done again, whole, until it succeeds', async (code) => {
  let tries = 0;
  const before = (await db('marks').where({ id: 1 }).first()).value;
  const result = await transact({ db, clock, receipt: null }, async (trx) => {
    await trx('marks').where({ id: 1 }).increment('value', 1);
    tries += 1;
    if (tries < 3) await trx.raw(fail(code));
    return 'done';
  });
  expect([result, tries]).toEqual(['done', 3]);
  expect((await db('marks').where({ id: 1 }).first()).value).toBe(before + 1);
});

test.each(['40001', '23505', '57014', '08006'])('what fails with %s for ever is given up', async (code) => {
  let tries = 0;
  const work = transact({ db, clock, receipt: null }, async (trx) => {
    tries += 1;
    await trx.raw(fail(code));
  });
  await expect(work).rejects.toThrow();
  expect(tries).toBe(code === '40001' ? 4 : 1);
});

test('two transactions that wait for each other both succeed', async () => {
  const both = (first: number, second: number, meet: () => Promise<void>) => {
    let tried = false;
    return transact({ db, clock, receipt: null }, async (trx) => {
      await trx('marks').where({ id: first }).increment('value', 10);
      if (!tried) await meet();
      tried = true;
      await trx('marks').where({ id: second }).increment('value', 10);
    });
  };
  const { promise: met, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  const meet = () => {
    arrived += 1;
    if (arrived === 2) resolve();
    return met;
  };
  const before = await db('marks').orderBy('id').pluck('value');
  await Promise.all([both(1, 2, meet), both(2, 1, meet)]);
  expect(await db('marks').orderBy('id').pluck('value')).toEqual(before.map((value) => value + 20));
});

test('callers whose writes wait take turns', async () => {
  const order: string[] = [];
  const { promise: open, resolve } = Promise.withResolvers<void>();
  const write = (caller: string) =>
    writing(
      db,
      async () => {
        await open;
        order.push(caller);
      },
      caller,
    );
  const all = [...Array(30).fill('many'), ...Array(30).fill('more'), 'one', 'one'].map(write);
  resolve();
  await Promise.all(all);
  expect(order).toHaveLength(62);
  expect(order.lastIndexOf('one')).toBeLessThan(20);
});

test('what is done again keeps one answer', async () => {
  const receipt = () => Receipt.of({ caller: 'me', key: 'k', procedure: 'p', input: { a: 1 } });
  let tries = 0;
  const work = async () => {
    tries += 1;
    if (tries < 3) await db.raw(fail('40001'));
    return { tries };
  };
  const first = await transact({ db, clock, receipt: receipt() }, work);
  const again = receipt();
  const second = await transact({ db, clock, receipt: again }, work);
  expect([first, second, tries, again.replayed]).toEqual([{ tries: 3 }, { tries: 3 }, 3, true]);
});

test('a receipt that was sealed is opened by its secret alone, and shows nothing to the database', async () => {
  const request = { caller: 'me', key: 'sealed', procedure: 'p', input: { password: 'guess me' } };
  const sealed = (secret: string) => Receipt.of(request).sealedBy(Buffer.from(secret));
  const answer = { token: 'canary' };
  await transact({ db, clock, receipt: sealed('mine') }, async () => answer);
  expect(await sealed('mine').find(db, clock.now())).toEqual({ answer });
  await expect(sealed('theirs').find(db, clock.now())).rejects.toMatchObject({
    code: 'idempotency.key_reused',
  });
  const rows = await db('idempotency_keys').where({ sealed: true });
  expect(rows).toHaveLength(1);
  expect(rows[0].answer.toString('latin1')).not.toContain('canary');
});
