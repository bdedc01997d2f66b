import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tryLock } from './lock.ts';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-lock-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

const modeOf = (file: string): number => statSync(file).mode & 0o777;

test('a lock file is for its owner alone, also one that an earlier version left open to all', () => {
  const file = join(folder(), 'claim');
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  const held = tryLock(file);
  expect(modeOf(file)).toBe(0o600);
  expect(modeOf(`${file}-journal`)).toBe(0o600);
  expect(tryLock(file)).toBeUndefined();
  held?.close();

  chmodSync(file, 0o644);
  tryLock(file)?.close();
  expect(modeOf(file)).toBe(0o600);
});

test('a link is no lock file: what it leads to would be another account’s to hold', () => {
  const dir = folder();
  writeFileSync(join(dir, 'elsewhere'), '');
  symlinkSync(join(dir, 'elsewhere'), join(dir, 'claim'));
  expect(() => tryLock(join(dir, 'claim'))).toThrow(/Cannot write .*claim/);
});
