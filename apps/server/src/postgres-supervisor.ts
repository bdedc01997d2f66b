import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '@tocsin/postgres';
import type { Logger } from 'pino';

export interface SupervisorOptions {
  readonly cluster: Cluster;
  /** Starts the server again, on the port that it had. */
  readonly restart: () => Promise<Cluster>;
  readonly log: Logger;
  /** Called once, when it could not be kept up for `giveUpMs`. */
  readonly onGiveUp: (error: Error) => void;
  readonly timing?: Partial<Timing>;
}

/** Milliseconds. */
interface Timing {
  /** Between two looks at the process. */
  readonly checkMs: number;
  /** Before the second try; each further one waits twice as long, up to `maxPauseMs`. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
  /** A server that ran for so long counts as well: the next failure starts from the shortest pause. */
  readonly steadyMs: number;
  readonly giveUpMs: number;
}

const TIMING: Timing = {
  checkMs: 500,
  pauseMs: 1_000,
  maxPauseMs: 30_000,
  steadyMs: 60_000,
  giveUpMs: 5 * 60_000,
};

/** How often the size of PostgreSQL's log is looked at. */
const TRIM_LOG_MS = 60_000;

/** How long a start that is under way may hold up the end of this process. */
const MAX_STOP_WAIT_MS = 2_000;

/** One failure after the other, none of them followed by a steady server. */
interface Trouble {
  readonly since: number;
  tries: number;
}

/** Starts an embedded PostgreSQL again when its process is gone: killed, or ended by a full disk. */
export class PostgresSupervisor {
  readonly #options: SupervisorOptions;
  readonly #timing: Timing;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #cluster: Cluster;
  #startedAt = performance.now();
  #trouble: Trouble | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#cluster = options.cluster;
    this.#watching = this.#watch();
  }

  /** Ends the supervision, then the server; one that is just being started may outlive this, and is adopted next time. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.race([this.#watching, pause(MAX_STOP_WAIT_MS, undefined, { ref: false })]);
    await this.#cluster.stop();
  }

  async #watch(): Promise<void> {
    let trimAt = performance.now();
    while (await this.#wait(this.#timing.checkMs)) {
      if (performance.now() >= trimAt) {
        trimAt = performance.now() + TRIM_LOG_MS;
        await this.#trimLog();
      }
      if (await this.#cluster.isRunning()) continue;
      this.#options.log.error({ pid: this.#cluster.pid }, 'PostgreSQL is gone; starting it again');
      if (!(await this.#startAgain())) return;
    }
  }

  /** A log that cannot be put aside, as on a full disk, is tried again later. */
  async #trimLog(): Promise<void> {
    await this.#cluster.trimLog().catch((error: unknown) => {
      this.#options.log.warn({ err: error }, "PostgreSQL's log could not be put aside");
    });
  }

  /** False when nothing is to be watched any more. */
  async #startAgain(): Promise<boolean> {
    const { steadyMs, giveUpMs } = this.#timing;
    const now = performance.now();
    if (!this.#trouble || now - this.#startedAt > steadyMs) this.#trouble = { since: now, tries: 0 };
    const trouble = this.#trouble;
    while (await this.#wait(this.#pauseOf(trouble))) {
      trouble.tries += 1;
      const fault = await this.#try(trouble);
      if (fault === null) return true;
      const seconds = Math.round((performance.now() - trouble.since) / 1000);
      const nextTryMs = this.#pauseOf(trouble);
      this.#options.log.error({ err: fault, tries: trouble.tries, nextTryMs }, 'PostgreSQL did not start');
      if (performance.now() - trouble.since < giveUpMs) continue;
      this.#options.onGiveUp(new Error(`PostgreSQL could not be started for ${seconds} s`, { cause: fault }));
      return false;
    }
    return false;
  }

  /** The first try is at once; a server that dies soon after each start is started ever more slowly. */
  #pauseOf({ tries }: Trouble): number {
    const { pauseMs, maxPauseMs } = this.#timing;
    return tries === 0 ? 0 : Math.min(maxPauseMs, pauseMs * 2 ** (tries - 1));
  }

  async #try({ since, tries }: Trouble): Promise<Error | null> {
    try {
      this.#cluster = await this.#options.restart();
      this.#startedAt = performance.now();
      const seconds = Math.round((this.#startedAt - since) / 1000);
      this.#options.log.info({ pid: this.#cluster.pid, tries, seconds }, 'PostgreSQL runs again');
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** False when the supervision is to end. */
  async #wait(ms: number): Promise<boolean> {
    await pause(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
    return !this.#stopping.signal.aborted;
  }
}
