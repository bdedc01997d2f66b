import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bareEnvironment, filesOfClone, root } from './checkout.ts';
import { diskFolder } from './disk.ts';

/** What a clone would hold if everything were committed, in a folder of its own. */
function freshClone(): string {
  const folder = diskFolder('tocsin-clone-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  for (const file of filesOfClone()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file), { force: true });
  }
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a fresh clone starts, is used and stops by the commands of the README', {
  timeout: 420_000,
}, async () => {
  const cwd = freshClone();
  const env = bareEnvironment({ PORT: '0', XDG_CONFIG_HOME: join(cwd, 'config') });
  const starting = spawn('npx', ['-y', 'pnpm@12', 'start'], { cwd, env });
  onTestFinished(() => void starting.kill('SIGKILL'));
  const ended = once(starting, 'exit');
  let output = '';
  for (const stream of [starting.stdout, starting.stderr]) stream.on('data', (chunk) => (output += chunk));
  await expect
    .poll(() => output, { timeout: 300_000, interval: 200 })
    .toMatch(/API +http.*\n.*\n +Token toc_/);

  const url = /API +(http:\S+)/.exec(output)?.[1];
  const token = /Token +(\S+)/.exec(output)?.[1];
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  expect((await fetch(`${url}/docs`)).status).toBe(200);

  const tocsin = (...args: string[]): string =>
    String(execFileSync('npx', ['-y', 'pnpm@12', '--silent', 'tocsin', ...args], { cwd, env }));
  const created = JSON.parse(tocsin('tickets', 'create', '--title', 'My first ticket', '--json'));
  expect(created).toMatchObject({ title: 'My first ticket', status: 'open' });
  const seen = await fetch(`${url}/tickets/${created.key}`, { headers });
  expect(await seen.json()).toEqual(created);

  const announced = JSON.parse(readFileSync(join(cwd, '.tocsin/server.json'), 'utf8'));
  const postmaster = Number(
    readFileSync(join(cwd, '.tocsin/postgres/cluster/data/postmaster.pid'), 'utf8').split('\n')[0],
  );
  process.kill(announced.pid, 'SIGTERM');
  await ended;
  expect([isAlive(announced.pid), isAlive(postmaster)]).toEqual([false, false]);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});
