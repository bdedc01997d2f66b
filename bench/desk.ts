import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDatabase } from '@tocsin/domain';
import { ensureDatabase, openCluster } from '@tocsin/postgres';

/** A checkout's server on a database of its own, for measurements. */
export interface BenchDesk {
  readonly url: string;
  /** Of the server. */
  readonly pid: number;
  readonly db: ReturnType<typeof openDatabase>;
  call(
    path: string,
    options?: { json?: unknown; token?: string | null },
  ): Promise<{ status: number; body: Answer }>;
  stop(): Promise<void>;
}

interface Answer {
  readonly id: string;
  readonly token: string;
}

export const root = resolve(import.meta.dirname, '..');
export const adminToken = 'a-token-for-measurements-of-thirty-two-and-more';

/** A folder that the account of PostgreSQL can pass through. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  chmodSync(dir, 0o711);
  return dir;
}

/**
 * Starts the server of a checkout, which migrates an empty database first.
 * @param checkout with its dependencies installed
 */
export async function startDesk(checkout: string): Promise<BenchDesk> {
  const dir = temporaryFolder();
  const cluster = await openCluster({ dir: join(dir, 'postgres') });
  const databaseUrl = await ensureDatabase(cluster, 'bench');
  const child = spawn(process.execPath, [join(checkout, 'apps/server/src/main.ts')], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      TOCSIN_DATA_DIR: join(dir, 'data'),
      TOCSIN_BOOTSTRAP_TOKEN: adminToken,
      PORT: '0',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const url = await addressOf(child.stdout);
  const db = openDatabase({ url: databaseUrl, poolSize: 1 });
  const stop = async (): Promise<void> => {
    await db.destroy();
    child.kill('SIGTERM');
    await gone;
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  const call: BenchDesk['call'] = async (path, { json, token = adminToken } = {}) => {
    const response = await fetch(url + path, {
      method: json === undefined ? 'GET' : 'POST',
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  return { url, pid: child.pid ?? 0, db, call, stop };
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of output) {
    text += String(chunk);
    const url = /API +(http:\S+)/.exec(text)?.[1];
    if (url) {
      output.resume();
      return url;
    }
  }
  throw new Error(`The server ended: ${text}`);
}

/** The middle one of several figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The figure below which so large a part of all figures lies. */
export function quantile(figures: readonly number[], part: number): number {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
