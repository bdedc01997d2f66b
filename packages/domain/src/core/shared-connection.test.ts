import { expect, test } from 'vitest';
import { testDatabase } from '../testing/index.ts';
import { asDomainError, ask } from './index.ts';

const quick = (sql: string, bindings: unknown[] = []) => ({ sql, bindings, quick: true });

test('small reads that are asked at once share one connection, and each gets its own answer', async () => {
  const { db } = await testDatabase();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      ask<{ n: number; pid: number }>(db, quick('select ?::int as n, pg_backend_pid() as pid', [n])),
    ),
  );
  expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  expect(new Set(answers.map(([row]) => row?.pid)).size).toBe(1);
});

test('one that fails harms none of those beside it', async () => {
  const { db } = await testDatabase();
  const asked = Array.from({ length: 20 }, (_, n) =>
    ask<{ n: number }>(db, quick('select 12 / ?::int as n', [n % 4])),
  );
  const answers = await Promise.allSettled(asked);
  for (const [n, answer] of answers.entries())
    if (n % 4 === 0) expect(answer).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
    else expect(answer).toEqual({ status: 'fulfilled', value: [{ n: 12 / (n % 4) }] });
  expect(await ask(db, quick('select 1 as n'))).toEqual([{ n: 1 }]);
});

test('when the connection is lost all on their way hear so, and the next one has another', async () => {
  const { db } = await testDatabase({ poolSize: 3 });
  const [before] = await ask<{ pid: number }>(db, quick('select pg_backend_pid() as pid'));
  // What ends the connection is on its way on it, with others before and behind.
  const asked = ['select 1 as n', 'select pg_terminate_backend(pg_backend_pid())', 'select 2 as n'].map(
    (sql) => ask(db, quick(sql)),
  );
  const [first, ended, behind] = await Promise.allSettled(asked);
  expect(first).toEqual({ status: 'fulfilled', value: [{ n: 1 }] });
  for (const lost of [ended, behind])
    expect(lost?.status === 'rejected' && asDomainError(lost.reason)).toMatchObject({
      code: 'database.unavailable',
    });
  const [after] = await ask<{ pid: number }>(db, quick('select pg_backend_pid() as pid'));
  expect(after?.pid).not.toBe(before?.pid);
});

test('a transaction reads what it wrote, on its own connection, and gives the shared one back to the pool', async () => {
  const { db } = await testDatabase({ poolSize: 1 });
  await db.raw('create table marks (id int primary key)');
  const seen = await db.transaction(async (trx) => {
    await trx.raw('insert into marks values (1)');
    return ask(trx, quick('select id from marks'));
  });
  expect(seen).toEqual([{ id: 1 }]);
  // With one connection in the pool, each of these needs the other's.
  expect(await ask(db, quick('select id from marks'))).toEqual([{ id: 1 }]);
  expect((await db.raw('select id from marks')).rows).toEqual([{ id: 1 }]);
  expect(await Promise.all([ask(db, quick('select id from marks')), db('marks').select()])).toHaveLength(2);
});
