import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase } from '@tocsin/domain/testing';
import { expect, onTestFinished, test } from 'vitest';
import { administratorOf, dataFolder, startProcess } from '../../server/test/running-process.ts';
import { TOKEN } from './desk.ts';
import { atTerminal, canMakeTerminal } from './terminal.ts';
import { temporaryFolder, tocsin } from './tocsin.ts';

/** A database that nothing is connected to, as DATABASE_URL has it. */
async function idleDatabase({ empty = false } = {}): Promise<{ DATABASE_URL: string }> {
  const database = await createDatabase({ empty });
  onTestFinished(() => database.drop());
  return { DATABASE_URL: database.url };
}

test('a desk is backed up while it is served, and comes back when no server runs', async () => {
  const dir = dataFolder();
  const file = join(temporaryFolder(), 'desk.zip');
  const env = { TOCSIN_DATA_DIR: dir, TOCSIN_BOOTSTRAP_TOKEN: TOKEN };
  const first = startProcess(dir, { LOG_LEVEL: 'warn' });
  const call = administratorOf(await first.listening);
  await call('/tickets', { json: { title: 'Kept' } });

  const backup = await tocsin(['db', 'backup', file, '--json'], { env });
  expect(backup).toMatchObject({ code: 0, stderr: '' });
  const summary = JSON.parse(backup.stdout);
  expect(summary).toMatchObject({ file, bytes: statSync(file).size });
  expect(summary.sha256).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
  expect(summary.tables).toContainEqual({ name: 'tickets', rows: 1, bytes: expect.any(Number) });

  await call('/tickets', { json: { title: 'Made afterwards' } });
  const served = await tocsin(['db', 'restore', file, '--replace', '--yes'], { env });
  expect(served).toMatchObject({ code: 1, stdout: '' });
  expect(served.stderr).toContain('already runs on the data folder');
  first.child.kill('SIGTERM');
  await first.gone;

  const full = await tocsin(['db', 'restore', file], { env });
  expect(full).toMatchObject({ code: 1, stdout: '' });
  expect(full.stderr).toMatch(/tickets \(2\).*\n.*--replace/);
  const unasked = await tocsin(['db', 'restore', file, '--replace'], { env });
  expect(unasked).toMatchObject({ code: 2, stdout: '' });
  expect(unasked.stderr).toContain('--yes');
  const restored = await tocsin(['db', 'restore', file, '--replace', '--yes'], { env });
  expect(restored).toMatchObject({ code: 0, stderr: '' });
  expect(restored.stdout).toContain(`Restored ${file}`);
  expect(restored.stdout).toContain('The next ticket has the number 3.\n');

  const second = startProcess(dir, { LOG_LEVEL: 'warn' });
  const again = administratorOf(await second.listening);
  const { body } = await again('/tickets');
  expect(body.items.map(({ title }: { title: string }) => title)).toEqual(['Kept']);
  // INC-2 was given, although the backup does not know it.
  expect((await again('/tickets', { json: { title: 'Next' } })).body.key).toBe('INC-3');
  expect((await again('/audit?action=desk.restored')).body.items).toMatchObject([
    { actor: { kind: 'system' }, changes: { backup: { to: { sha256: summary.sha256 } } } },
  ]);
});

test('a file is written over only when that is asked for', async () => {
  const env = await idleDatabase();
  const file = join(temporaryFolder(), 'desk.zip');
  expect(await tocsin(['db', 'backup', file], { env })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Wrote .*\nsha256 [0-9a-f]{64}\n$/),
  });
  const before = readFileSync(file);
  const refused = await tocsin(['db', 'backup', file], { env });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/exists already.*--force/);
  expect(readFileSync(file).equals(before)).toBe(true);
  expect((await tocsin(['db', 'backup', file, '--force'], { env })).code).toBe(0);
});

test('into an empty desk the numbers go on where they are told to, and it is said where', async () => {
  const source = await idleDatabase();
  const file = join(temporaryFolder(), 'desk.zip');
  await tocsin(['db', 'backup', file], { env: source });
  const env = await idleDatabase({ empty: true });
  const plain = await tocsin(['db', 'restore', file], { env });
  expect(plain.stdout).toMatch(
    /The next ticket has the number 1\. Numbers that were given after .* --next-number/,
  );
  const skipped = await tocsin(['db', 'restore', file, '--next-number', '40'], { env });
  // The entry of the first restore is in it.
  expect(skipped.stderr).toContain('audit_entries (1)');
  const replaced = await tocsin(['db', 'restore', file, '--replace', '--yes', '--next-number', '40'], {
    env,
  });
  expect(replaced.stdout).toContain('The next ticket has the number 40.\n');
  for (const wrong of ['0', '-1', '1.5', 'x', '99999999999999999'])
    expect((await tocsin(['db', 'restore', file, '--next-number', wrong], { env })).code).toBe(2);
});

test('what is no backup is refused, and said why', async () => {
  const env = await idleDatabase({ empty: true });
  const none = await tocsin(['db', 'restore', '/nowhere/desk.zip'], { env });
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain('/nowhere/desk.zip');
  const other = await tocsin(['db', 'restore', import.meta.filename], { env });
  expect(other).toMatchObject({ code: 1, stdout: '' });
  expect(other.stderr).toContain('is no backup of a desk');
});

test.runIf(canMakeTerminal)('at a terminal it is asked before anything is dropped', async () => {
  const env = await idleDatabase();
  const file = join(temporaryFolder(), 'desk.zip');
  await tocsin(['db', 'backup', file], { env });
  const careful = atTerminal(['db', 'restore', file, '--replace'], { env });
  await careful.sees(/Drop everything/);
  careful.type('\r');
  expect(await careful.ended).toBe(130);
  const sure = atTerminal(['db', 'restore', file, '--replace'], { env });
  await sure.sees(/Drop everything/);
  sure.type('y');
  expect(await sure.ended).toBe(0);
  expect(sure.screen()).toContain('Restored');
  expect(existsSync(file)).toBe(true);
});
