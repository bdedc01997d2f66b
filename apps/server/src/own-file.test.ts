import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DataFolder } from './data-folder.ts';
import { UntrustedFile } from './own-file.ts';

function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-own-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text, { mode: 0o600 });
  return dir;
}

const isRoot = process.getuid?.() === 0;
const planted = JSON.stringify({ url: 'http://127.0.0.1:9', pid: process.pid });

test('what the desk wrote itself is believed, and what is not there is nothing', () => {
  const folder = new DataFolder(folderWith());
  expect(folder.readToken()).toBeNull();
  const { token, fresh } = folder.keepToken();
  expect(fresh).toBe(true);
  expect(folder.readToken()).toBe(token);
  folder.announce({ url: 'http://127.0.0.1:9', pid: process.pid });
  expect(folder.readAnnouncement()?.url).toBe('http://127.0.0.1:9');
});

const readers = [
  ['admin-token', (folder: DataFolder) => folder.readToken()],
  ['admin-token', (folder: DataFolder) => folder.keepToken()],
  ['server.json', (folder: DataFolder) => folder.readAnnouncement()],
] as const;

for (const [name, read] of readers) {
  test(`${name} that others may read or write is refused, with the command that mends it`, () => {
    for (const mode of [0o644, 0o620, 0o602, 0o666]) {
      const dir = folderWith({ [name]: planted });
      chmodSync(join(dir, name), mode);
      expect(() => read(new DataFolder(dir))).toThrow(`chmod 600 ${join(dir, name)}`);
    }
  });

  test(`${name} that is a link is refused`, () => {
    const dir = folderWith({ elsewhere: planted });
    symlinkSync(join(dir, 'elsewhere'), join(dir, name));
    expect(() => read(new DataFolder(dir))).toThrow(UntrustedFile);
  });

  test.skipIf(!isRoot)(`${name} of another account is refused`, () => {
    const dir = folderWith({ [name]: planted });
    chownSync(join(dir, name), 12_345, 12_345);
    expect(() => read(new DataFolder(dir))).toThrow('belongs to another account (uid 12345)');
  });
}

test.each([0o777, 0o775, 0o772])(
  'a folder that others may write in (%o) is refused, and left as it is',
  (mode) => {
    const dir = folderWith();
    chmodSync(dir, mode);
    expect(() => new DataFolder(dir).create()).toThrow(`chmod go-w ${dir}`);
    expect(statSync(dir).mode & 0o777).toBe(mode);
    chmodSync(dir, 0o755);
    new DataFolder(dir).create();
  },
);
