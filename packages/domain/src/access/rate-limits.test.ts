import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { createDatabase, testDatabase } from '../testing/index.ts';
import { RateLimiter } from './rate-limits.ts';
import { forgetOldWindows } from './rate-windows.ts';

const log = pino({ level: 'silent' });
const database = await createDatabase({ poolSize: 4 });
afterAll(() => database.drop());
const { db } = database;

const limiterOf = (limit: number) => new RateLimiter({ db, limit, log });
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

test.each([1, 2, 7, 10, 100, 1000])(
  'of a burst at once a limit of %i lets that many through',
  async (limit) => {
    const limiter = limiterOf(limit);
    const taken = await Promise.all(
      Array.from({ length: limit * 2 }, () => limiter.take(`burst ${limit}`, 1)),
    );
    expect(sum(taken.map(({ granted }) => granted))).toBe(limit);
    const refused = taken.find(({ granted }) => granted === 0);
    expect(refused).toMatchObject({ limit, remaining: 0, seconds: 1 });
  },
);

test.each([
  [2, 10],
  [2, 100],
  [3, 100],
  [4, 1000],
])(
  '%i processes that are all asked as fast as they can let through at most a tenth more than %i a second',
  async (processes, limit) => {
    const limiters = Array.from({ length: processes }, () => limiterOf(limit));
    const key = `shared ${processes} ${limit}`;
    const began = performance.now();
    let granted = 0;
    const hammer = async (limiter: RateLimiter): Promise<void> => {
      while (performance.now() - began < 2_500) {
        const taken = await Promise.all(Array.from({ length: 20 }, () => limiter.take(key, 1)));
        granted += sum(taken.map((one) => one.granted));
        await new Promise(setImmediate);
      }
    };
    await Promise.all(limiters.map(hammer));
    const windows = Math.ceil((performance.now() - began) / 1000);
    expect(granted).toBeLessThanOrEqual(windows * limit * 1.1);
    expect(granted).toBeGreaterThanOrEqual(limit * 2);
  },
);

test.each([
  ['an hour', 3_600],
  ['three seconds', 3],
])('a clock that is set back by %s shuts no window that it left in the future', async (_what, seconds) => {
  const key = `set back ${seconds}`;
  await limiterOf(2).take(key, 2);
  await db.raw(`update rate_windows set started_at = started_at + ?::int * interval '1 s'`, [seconds]);
  expect((await limiterOf(2).take(key, 2)).granted).toBe(2);
  const refused = await limiterOf(2).take(key, 1);
  expect(refused).toMatchObject({ granted: 0, seconds: 1 });
});

test('a batch gets as many of its calls as there are left, and another key has its own', async () => {
  const limiter = limiterOf(10);
  expect((await limiter.take('batch', 7)).granted).toBe(7);
  expect((await limiter.take('batch', 7)).granted).toBe(3);
  expect((await limiter.take('batch', 7)).granted).toBe(0);
  expect((await limiter.take('other', 20)).granted).toBe(10);
});

test('while the database is away a process limits by itself', async () => {
  const { db: gone } = await testDatabase();
  await gone.destroy();
  const limiter = new RateLimiter({ db: gone, limit: 20, log });
  const taken = await Promise.all(Array.from({ length: 50 }, () => limiter.take('alone', 1)));
  expect(sum(taken.map(({ granted }) => granted))).toBe(20);
});

test('while the database takes its time a process limits by itself', async () => {
  const holder = await db.transaction();
  await holder.raw('lock table rate_windows in access exclusive mode');
  const limiter = limiterOf(60);
  const taken = await Promise.all(Array.from({ length: 100 }, () => limiter.take('slow', 1)));
  expect(sum(taken.map(({ granted }) => granted))).toBe(60);
  await holder.rollback();
});

test('windows that are long over are forgotten', async () => {
  await db('rate_windows').delete();
  const old = Array.from({ length: 600 }, (_, n) => ({
    key: Buffer.alloc(32, `old ${n}`),
    started_at: db.raw("now() - interval '2 minutes'"),
    taken: 1,
    granted: 1,
  }));
  await db('rate_windows').insert([
    ...old,
    { ...old[0], key: Buffer.alloc(32, 'new'), started_at: db.fn.now() },
  ]);
  expect([await forgetOldWindows(db), await forgetOldWindows(db), await forgetOldWindows(db)]).toEqual([
    500, 100, 0,
  ]);
  expect(await db('rate_windows').pluck('key')).toEqual([Buffer.alloc(32, 'new')]);
});
