import { expect, test } from 'vitest';
import { ask, migrate } from '../core/index.ts';
import { testContext, testDatabase } from '../testing/index.ts';
import { create } from '../tickets/index.ts';
import { count } from './index.ts';

const DIVIDES = /[\p{P}\p{S}\p{Z}\p{Cc}\p{Cf}]/u;
/** What says how the character before it looks; Mongolian has its own within words. */
const isSelector = (n: number): boolean => (n >= 0xfe00 && n <= 0xfe0f) || (n >= 0xe0100 && n <= 0xe01ef);
const UNASSIGNED = /[\p{Cn}\p{Co}]/u;

test('of all characters beyond ASCII those divide words that are neither letters, digits nor marks', async () => {
  const { db } = await testDatabase();
  const rows = await ask<{ n: number }>(db, {
    sql: `select n from generate_series(128, 1114111) as n where n not between 55296 and 57343 and words_only(chr(n)) = ' '`,
    bindings: [],
  });
  const dividing = new Set(rows.map(({ n }) => n));
  const wrong: string[] = [];
  for (let n = 128; n <= 0x10ffff; n += 1) {
    if (n >= 0xd800 && n <= 0xdfff) continue;
    const character = String.fromCodePoint(n);
    const divides = DIVIDES.test(character) || isSelector(n);
    // What stands for others is as these are.
    if (character.normalize() !== character) continue;
    if (!UNASSIGNED.test(character) && divides !== dividing.has(n)) wrong.push(n.toString(16));
  }
  expect(wrong).toEqual([]);
});

const parts = (text: string): string => text.normalize('NFD');
const title = `Quux—offline 🔥zorpdisk✅️ “noon” O’Neill nbsp\u00a0glued 服务器故障，网络很慢 ΠΑΡΙΣ λόγος ${parts('файл 서버')}`;
const words = [
  'quux',
  'offline',
  'zorpdisk',
  'noon',
  'neill',
  "o'neill",
  'glued',
  '网络很慢',
  '"quux offline"',
  'παρις',
  'παρισ*',
  'παρις*',
  'ΛΌΓΟΣ',
  'файл',
  parts('файл'),
  'фай*',
  parts('фай*'),
  '서버',
];

test('words are found beside dashes, quotations, emoji and blanks of any kind, and in letters that are written in two ways', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await create(ctx, { title });
  for (const q of [...words, '—offline', title]) expect((await count(ctx, { q })).count, q).toBe(1);
});

test('so are those of tickets that were written before, which else stay as they were', async () => {
  const { db, url } = await testDatabase();
  const ctx = testContext(db);
  // As it was: a dash was taken for a letter, wherever the locale does not know better.
  await db.raw(
    `create or replace function words_only(content text) returns text language sql immutable strict parallel safe return replace(content, '—', 'x')`,
  );
  const before = await create(ctx, { title });
  expect((await count(ctx, { q: 'quux' })).count).toBe(0);
  await db('migrations').whereRaw(`name ~ 'search_(punctuation|same_letters)'`).delete();
  await migrate(url);
  for (const q of words) expect((await count(ctx, { q })).count, q).toBe(1);
  const row = await db('tickets').where({ id: before.id }).first('title', 'version', 'updated_at');
  expect(row).toMatchObject({ title, version: before.version, updated_at: before.updatedAt });
});
