import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entriesOf, zipOf } from '../testing/forged-backup.ts';
import { testDatabase } from '../testing/index.ts';
import { back, contentAt, folder, keptDesk, newFile, refused, save } from '../testing/kept-desk.ts';
import { BackupFile } from './backup-file.ts';
import { Tally } from './progress.ts';

const { kept } = await keptDesk();

test('a newer backup is refused with a word', async () => {
  const newer = await testDatabase();
  await newer.db('migrations').insert({ name: '29990101000000_tickets_telepathy', batch: 9 });
  const file = newFile();
  await save(newer.url, file);
  const { url } = await testDatabase({ empty: true });
  await expect(back(file, url)).rejects.toMatchObject({
    code: 'backup.too_new',
    message: expect.stringContaining('29990101000000_tickets_telepathy'),
  });
  expect(await refused(back(await zipOf({ 'manifest.json': '{"format":2,"tocsin":"9.0.0"}' }), url))).toBe(
    'backup.too_new',
  );
  expect((await contentAt(url)).tickets).toBeUndefined();
});

test.each([
  ['text', 'This is no zip at all', 'backup.not_a_backup'],
  ['nothing', '', 'backup.not_a_backup'],
])('a file of %s is refused', async (_what, text, code) => {
  const { url } = await testDatabase({ empty: true });
  const file = newFile();
  writeFileSync(file, text);
  expect(await refused(back(file, url))).toBe(code);
});

test('another zip, and a file that is not there, are refused', async () => {
  const { url } = await testDatabase({ empty: true });
  expect(await refused(back(await zipOf({ 'a.txt': 'a' }), url))).toBe('backup.not_a_backup');
  expect(await refused(back(await zipOf({ 'manifest.json': '[]' }), url))).toBe('backup.not_a_backup');
  expect(await refused(back(join(folder(), 'none.zip'), url))).toBe('backup.unreachable');
});

test('a damaged backup leaves the desk as it was', async () => {
  const { url } = await testDatabase();
  const before = await contentAt(url);
  const file = newFile();
  const whole = readFileSync(kept);
  writeFileSync(file, whole.subarray(0, whole.length / 2));
  expect(await refused(back(file, url, true))).toBe('backup.not_a_backup');
  const flipped = Buffer.from(whole);
  flipped[200] = (flipped[200] ?? 0) ^ 1;
  writeFileSync(file, flipped);
  expect(await refused(back(file, url, true))).toBe('backup.damaged');
  expect(await contentAt(url)).toEqual(before);
});

test('rows that somebody changed in a zip that is whole are refused', async () => {
  const { url } = await testDatabase({ empty: true });
  const entries = await entriesOf(kept);
  const name = 'tables/tickets.copy';
  const changed = await zipOf({ ...entries, [name]: String(entries[name]).replace('again', 'AGAIN') });
  await expect(back(changed, url)).rejects.toMatchObject({
    code: 'backup.damaged',
    message: expect.stringContaining('tickets is not as it was written'),
  });
  expect(await refused(back(await zipOf(entries), url))).toBe('done');
});

test('whichever byte is changed, nothing else than what was written is ever believed', async () => {
  const whole = readFileSync(kept);
  const { manifest } = await BackupFile.open(kept);
  const file = newFile();
  let believed = 0;
  for (let at = 0; at < whole.length; at += 13) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    writeFileSync(file, flipped);
    const read = await verified(file);
    if (typeof read === 'string') expect(read).toMatch(/^backup\.(damaged|not_a_backup|too_new)$/);
    else expect(read).toEqual(manifest);
    believed += typeof read === 'string' ? 0 : 1;
  }
  // What is left stands twice in a zip, or means nothing here: times and modes of files.
  expect(believed).toBeLessThan(whole.length / 13 / 2);
});

async function verified(file: string): Promise<unknown> {
  try {
    await using backup = await BackupFile.open(file);
    await backup.verify(new Tally(0));
    return backup.manifest;
  } catch (error) {
    return (error as { code: string }).code;
  }
}
