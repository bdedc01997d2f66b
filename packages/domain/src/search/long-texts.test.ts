import { expect, test } from 'vitest';
import { migrate } from '../core/index.ts';
import { testContext, testDatabase } from '../testing/index.ts';
import { create } from '../tickets/index.ts';
import { count } from './index.ts';

/** A log in which the same words come again and again, and one with more words than places are known of. */
const repeated = `${'2026 alpha beta, '.repeat(300)} alpha gamma db-01.example.com`;
const words = Array.from({ length: 17_000 }, (_, n) =>
  [2, 1, 0].map((place) => String.fromCharCode(97 + (Math.floor(n / 26 ** place) % 26))).join(''),
).map((word) => `${word}k`);
const endless = words.join(' ');
const phrases: readonly (readonly [q: string, finds: number])[] = [
  ['"alpha gamma"', 1],
  ['db-01.example.com', 1],
  ['db-01.exam*', 1],
  [`"${words.slice(-2).join(' ')}"`, 1],
  [`"${words.slice(1, 3).join(' ')}"`, 1],
  ['"alpha nothing"', 0],
  [`"${words[1]} gamma"`, 0],
];

test('phrases are found in texts that are too long for all places of their words to be known', async () => {
  const ctx = testContext((await testDatabase()).db);
  for (const description of [repeated, endless]) await create(ctx, { title: 'Log', description });
  for (const [q, finds] of phrases) expect((await count(ctx, { q })).count, q).toBe(finds);
  await create(ctx, { title: 'Short', description: 'gamma alpha, and networks 10.0.0.99, 192.168.1.1' });
  expect((await count(ctx, { q: '"alpha gamma"' })).count).toBe(1);
  expect((await count(ctx, { q: '10.0.0.1*' })).count).toBe(0);
  expect((await count(ctx, { q: '10.0.0.9* 192.168*' })).count).toBe(1);
});

test('so they are in tickets that were written before, which else stay as they were', async () => {
  const { db, url } = await testDatabase();
  const ctx = testContext(db);
  // As it was.
  await db.raw(`create or replace function with_places_missing(words tsvector, written text) returns tsvector
    language sql immutable parallel safe return words`);
  const before = await create(ctx, { title: 'Log', description: repeated });
  expect((await count(ctx, { q: '"alpha gamma"' })).count).toBe(0);
  await db('migrations').whereRaw(`name ~ 'search_long_texts'`).delete();
  await migrate(url);
  expect((await count(ctx, { q: '"alpha gamma"' })).count).toBe(1);
  const row = await db('tickets').where({ id: before.id }).first('version', 'updated_at');
  expect(row).toMatchObject({ version: before.version, updated_at: before.updatedAt });
});
