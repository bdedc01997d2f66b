import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { caller, TOKEN } from './running-app.ts';

export interface ServerProcess {
  readonly child: ChildProcess;
  /** Everything it wrote so far. */
  readonly output: () => string;
  /** Resolves with the address once it listens. @throws when it ends before that */
  readonly listening: Promise<string>;
  /** Resolves with its exit code and signal. */
  readonly gone: Promise<[number | null, string | null]>;
}

/** A data folder that is removed, with whatever still runs in it, when the test is done. */
export function dataFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-desk-'));
  // As root PostgreSQL runs under another account; shut out, it would keep its data elsewhere and leave it there.
  chmodSync(dir, 0o711);
  onTestFinished(async () => {
    const pid = postmasterPid(dir);
    if (pid !== null && isAlive(pid)) {
      process.kill(pid, 'SIGQUIT');
      await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
    }
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

/** The embedded PostgreSQL's own process id; null when it does not run. */
export function postmasterPid(dir: string): number | null {
  try {
    return Number(readFileSync(join(dir, 'postgres/cluster/data/postmaster.pid'), 'utf8').split('\n', 1)[0]);
  } catch {
    return null;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Starts the real server on a free port; it is killed when the test is done. */
export function startProcess(dir: string, environment: Record<string, string> = {}): ServerProcess {
  const { TOCSIN_URL: _url, TOCSIN_TOKEN: _token, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    env: {
      ...inherited,
      DATABASE_URL: '',
      PORT: '0',
      TOCSIN_DATA_DIR: dir,
      TOCSIN_BOOTSTRAP_TOKEN: TOKEN,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const gone = once(child, 'exit') as Promise<[number | null, string | null]>;
  const listening = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk;
      const url = /API +(http:\S+)/.exec(output)?.[1];
      if (url) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    gone.then(([code]) => reject(new Error(`The server ended with ${code}: ${output}`)));
  });
  listening.catch(() => {});
  return { child, output: () => output, listening, gone };
}

/** Calls whatever answers at this address as the administrator. */
export const administratorOf = (url: string): ReturnType<typeof caller> => caller(url, TOKEN);
