import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { openMetricsDoor, WorkerPoolMetrics } from './metrics/index.ts';
import { type Serving, type ServingParts, serve } from './serving.ts';

/** Workers that die one after the other, each sooner than this, are replaced after growing pauses; in milliseconds. */
const SHORT_LIFE_MS = 5_000;
const PAUSE_MS = 250;
const MAX_PAUSE_MS = 10_000;
/** Workers that are not gone this long after the order to stop are killed. */
const STOP_MS = 9_000;

/**
 * Serves a desk by several processes on one port: a connection goes to the next of them. One that dies is replaced.
 * @throws when no worker can listen
 */
export async function serveByWorkers({ config, log, databaseUrl, token }: ServingParts): Promise<Serving> {
  const environment = { DATABASE_URL: databaseUrl, TOCSIN_BOOTSTRAP_TOKEN: token };
  const pool = new WorkerPool({ environment, log });
  for (let n = 0; n < config.workers; n += 1) pool.add();
  const { address, port } = await pool.listening();
  const host = address.includes(':') ? `[${address}]` : address;
  const door = await openMetricsDoor({ config, log, page: pool.metrics.page }).catch(async (error) => {
    await pool.stop();
    throw error;
  });
  const stop = async (): Promise<void> => {
    door.close();
    await pool.stop();
  };
  return { url: `http://${host}:${port}`, stop };
}

interface WorkerPoolParts {
  readonly environment: Record<string, string>;
  readonly log: Logger;
}

/** The worker processes that this process started and replaces. */
class WorkerPool {
  readonly #parts: WorkerPoolParts;
  readonly #members = new Set<Worker>();
  readonly metrics = new WorkerPoolMetrics();
  #shortLives = 0;
  #stopping = false;

  constructor(parts: WorkerPoolParts) {
    this.#parts = parts;
  }

  add(): void {
    if (this.#stopping) return;
    const { environment, log } = this.#parts;
    const worker = cluster.fork(environment);
    const bornAt = performance.now();
    this.#members.add(worker);
    this.metrics.add(worker);
    worker.on('online', () => log.info({ worker: worker.id, pid: worker.process.pid }, 'worker started'));
    worker.on('exit', (code, signal) => {
      this.#members.delete(worker);
      if (this.#stopping) return;
      log.error({ worker: worker.id, pid: worker.process.pid, code, signal }, 'worker died; replacing it');
      setTimeout(() => this.add(), this.#pauseAfter(performance.now() - bornAt));
    });
  }

  #pauseAfter(lifetime: number): number {
    this.#shortLives = lifetime < SHORT_LIFE_MS ? this.#shortLives + 1 : 0;
    return this.#shortLives < 2 ? 0 : Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** (this.#shortLives - 2));
  }

  /** Where they listen, as soon as the first one does. @throws when the first one to tell anything ends instead */
  async listening(): Promise<{ address: string; port: number }> {
    const failed = new AbortController();
    const { signal } = failed;
    const listening = once(cluster, 'listening', { signal }).then(
      ([, at]) => at as { address: string; port: number },
    );
    const died = once(cluster, 'exit', { signal }).then(async () => {
      await this.stop();
      throw new Error('its workers cannot start; what they said stands above');
    });
    try {
      return await Promise.race([listening, died]);
    } finally {
      failed.abort();
      for (const waiting of [listening, died]) waiting.catch(() => {});
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const gone = [...this.#members].map((worker) => once(worker, 'exit'));
    for (const { process } of this.#members) process.kill('SIGTERM');
    const cutOff = setTimeout(() => {
      for (const { process } of this.#members) process.kill('SIGKILL');
    }, STOP_MS);
    await Promise.all(gone);
    clearTimeout(cutOff);
  }
}

/** Serves as one worker process of a pool. */
export function startWorker(config: Config, log: Logger): Promise<Serving> {
  const { databaseUrl, bootstrapToken: token } = config;
  if (databaseUrl === null || token === null) throw new Error('A worker is started by its server alone');
  return serve({ config, log, databaseUrl, token });
}
