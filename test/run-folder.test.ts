import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

/** A run that opens its folder, starts two processes that would go on for ever, tells all three, and stays. */
const RUN = `
  const { spawn } = await import('node:child_process');
  const { openRunFolder } = await import(${JSON.stringify(join(import.meta.dirname, 'run-folder.ts'))});
  const { path } = await openRunFolder();
  const start = (args, env) =>
    spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)', ...args], { detached: true, stdio: 'ignore', env }).pid;
  console.log(JSON.stringify({ path, pids: [start([], process.env), start([path + '/data'], {})] }));
  setInterval(() => 0, 1000);`;

test.runIf(process.platform === 'linux').each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'a run that is ended by %s leaves no process and no folder',
  async (signal) => {
    const run = spawn(process.execPath, ['--input-type=module', '-e', RUN]);
    onTestFinished(() => void run.kill('SIGKILL'));
    const [line] = await once(run.stdout, 'data');
    const { path, pids } = JSON.parse(String(line));
    expect([existsSync(path), ...pids.map(isAlive)]).toEqual([true, true, true]);
    run.kill(signal);
    await expect.poll(() => [existsSync(path), ...pids.map(isAlive)]).toEqual([false, false, false]);
  },
);
