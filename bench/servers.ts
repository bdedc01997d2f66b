import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { adminToken, root } from './desk.ts';
import type { FilledDesk } from './fill/kept.ts';

/** A server under measurement, in one process. */
export interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** As many connections to the database as the desk's server has. */
const POOL_SIZE = 10;
const START_MS = 60_000;
const ADDRESS = /API +(http:\S+)/;

/**
 * The desk as it is served everywhere, with its request log, which goes to a file.
 * @param checkout whose server it is, with its dependencies installed
 */
export async function startApi(desk: FilledDesk, folder: string, checkout = root): Promise<Server> {
  const env = {
    ...process.env,
    DATABASE_URL: desk.url,
    TOCSIN_DATA_DIR: join(folder, `data-${desk.name}`),
    TOCSIN_BOOTSTRAP_TOKEN: adminToken,
    PORT: '0',
    LOG_LEVEL: 'info',
  };
  const log = join(folder, `api-${desk.name}.log`);
  return started([join(checkout, 'apps/server/src/main.ts')], { env, log });
}

/** The least that can answer (`peers/floor.ts`). */
export const startFloor = (
  desk: FilledDesk,
  { folder, actorId }: { folder: string; actorId: string },
): Promise<Server> =>
  started([join(root, 'bench/peers/floor.ts'), desk.url, String(POOL_SIZE), actorId], {
    env: process.env,
    log: join(folder, `floor-${desk.name}.log`),
  });

interface Starting {
  readonly env: NodeJS.ProcessEnv;
  readonly log: string;
}

/** Runs a program of ours that says on its standard output where it listens. */
async function started(args: string[], { env, log }: Starting): Promise<Server> {
  const output = openSync(log, 'w');
  const child = spawn(process.execPath, args, {
    env,
    stdio: ['ignore', output, 'inherit'],
  });
  closeSync(output);
  const url = await until(child, () => ADDRESS.exec(readFileSync(log, 'utf8'))?.[1]);
  return serverOf(child, url);
}

const serverOf = (child: ChildProcess, url: string): Server => {
  const gone = once(child, 'exit');
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
};

async function until<T>(child: ChildProcess, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const started = performance.now();
  while (child.exitCode === null && performance.now() - started < START_MS) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(50);
  }
  child.kill();
  throw new Error(`${child.spawnargs.slice(0, 3).join(' ')} did not start`);
}

const PYTHONS = ['python3', '/usr/bin/python3'];
const VERSIONS =
  'import fastapi, sqlalchemy, uvicorn, psycopg2, platform; print(f"Python {platform.python_version()}, FastAPI {fastapi.__version__}, SQLAlchemy {sqlalchemy.__version__}, uvicorn {uvicorn.__version__}, psycopg2 {psycopg2.__version__.split()[0]}")';

/** A Python that has FastAPI and SQLAlchemy, and their versions; null when none has. */
export function findFastApi(): { python: string; versions: string } | null {
  for (const python of PYTHONS) {
    const { status, stdout } = spawnSync(python, ['-c', VERSIONS], { encoding: 'utf8' });
    if (status === 0) return { python, versions: stdout.trim() };
  }
  return null;
}

/** A small project's server (`peers/small.py`), with one process as ours. */
export async function startFastApi(desk: FilledDesk, python: string): Promise<Server> {
  const port = await freePort();
  const args = ['-m', 'uvicorn', 'small:app', '--app-dir', join(root, 'bench/peers'), '--port', String(port)];
  const child = spawn(python, [...args, '--log-level', 'error', '--no-access-log'], {
    env: {
      ...process.env,
      SQLALCHEMY_URL: desk.url.replace('postgres:', 'postgresql+psycopg2:'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  await until(child, () =>
    fetch(`${url}/tickets/1`).then(
      ({ ok }) => ok || undefined,
      () => undefined,
    ),
  );
  return serverOf(child, url);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

const TICKS_A_SECOND = 100;

/** Milliseconds of CPU that a process has used so far; NaN where the kernel does not tell. */
export function cpuOf(pid: number): number {
  const fields = proc(pid, 'stat').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND) * 1_000;
}

/** Megabytes that a process holds; NaN where the kernel does not tell. */
export const memoryOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(proc(pid, 'status'))?.[1]) / 1024;

function proc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
