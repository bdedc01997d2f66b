import { chmodSync, chownSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/tocsin.ts';
import { CredentialsFile } from './credentials.ts';

const credentials = { url: 'http://127.0.0.1:8000', token: 'secret' };
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('what is kept can be read by nobody else, from the first moment', () => {
  const file = new CredentialsFile(temporaryFolder());
  file.write(credentials);
  expect(modeOf(file.path)).toBe(0o600);
  expect(modeOf(dirname(file.path))).toBe(0o700);
  expect(file.read()).toEqual(credentials);
});

test('a file that others could read is replaced by one that they cannot', () => {
  const file = new CredentialsFile(temporaryFolder());
  file.write(credentials);
  chmodSync(file.path, 0o644);
  file.write({ ...credentials, token: 'another' });
  expect(modeOf(file.path)).toBe(0o600);
  expect(file.read()?.token).toBe('another');
  expect(readdirSync(dirname(file.path))).toEqual(['credentials.json']);
});

test('a file or folder that others may read or change is refused, with the command that mends it', () => {
  const file = new CredentialsFile(temporaryFolder());
  file.write(credentials);
  for (const mode of [0o644, 0o640, 0o604, 0o620, 0o602]) {
    chmodSync(file.path, mode);
    expect(() => file.read()).toThrow(`chmod 600 ${file.path}`);
  }
  chmodSync(file.path, 0o600);
  chmodSync(dirname(file.path), 0o777);
  expect(() => file.read()).toThrow(`chmod 700 ${dirname(file.path)}`);
  chmodSync(dirname(file.path), 0o755);
  expect(file.read()).toEqual(credentials);
});

test.skipIf(process.getuid?.() !== 0)('a file of another account is refused', () => {
  const file = new CredentialsFile(temporaryFolder());
  file.write(credentials);
  chownSync(file.path, 12_345, 12_345);
  expect(() => file.read()).toThrow('belongs to another account (uid 12345)');
});

test('nothing kept is null, a damaged file says how to mend it', () => {
  const file = new CredentialsFile(temporaryFolder());
  expect(file.read()).toBeNull();
  file.write(credentials);
  for (const damage of ['{', 'null', '[]', '{"url": 1, "token": "x"}']) {
    writeFileSync(file.path, damage);
    expect(() => file.read()).toThrow(/damaged.*tocsin login/s);
  }
});

test('what is removed is gone, and removing nothing is no failure', () => {
  const file = new CredentialsFile(temporaryFolder());
  file.write(credentials);
  expect(file.remove()).toBe(true);
  expect(file.remove()).toBe(false);
  expect(file.read()).toBeNull();
});
