import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
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
