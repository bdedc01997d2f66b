import { writeContended } from './errors.ts';

interface TurnBounds {
  /** How many work at one time. */
  readonly concurrent: number;
  /** How many may wait; those beyond them are refused at once. */
  readonly waiting: number;
  /** How long one waits, in milliseconds. */
  readonly timeout: number;
}

/**
 * Lets so many work at one time within this process, first come, first served. Who waits here holds none of the database
 * connections that all others need.
 */
export class TurnQueue {
  readonly #bounds: TurnBounds;
  readonly #waiting = new Set<() => void>();
  #working = 0;

  constructor(bounds: TurnBounds) {
    this.#bounds = bounds;
  }

  /** True when nobody works and nobody waits. */
  get isIdle(): boolean {
    return this.#working === 0;
  }

  /** Does the work when its turn comes. @throws write.contended when too many wait, or this waited too long */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#working < this.#bounds.concurrent) this.#working += 1;
    else await this.#wait();
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #wait(): Promise<void> {
    const { waiting, timeout } = this.#bounds;
    if (this.#waiting.size >= waiting) return Promise.reject(writeContended());
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(begin);
        reject(writeContended());
      }, timeout);
      this.#waiting.add(begin);
    });
  }

  /** Gives the turn to whoever has waited longest; without anybody it is free again. */
  #pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#working -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

/** Of writes to one thing. 200 requests at once are queued, as the contract says; the rest of the places stays free. */
export const MAX_WAITING_WRITES = 200;
/** As long as a statement may take. */
const WRITE_TIMEOUT_MS = 10_000;

const writeBounds: TurnBounds = { concurrent: 1, waiting: MAX_WAITING_WRITES, timeout: WRITE_TIMEOUT_MS };

const queues = new Map<string, TurnQueue>();

/** True while work of this kind is carried out in this process. */
export const isTurnTaken = (kind: string): boolean => queues.has(kind);

/**
 * Does work of one kind one after the other within this process, for work that would wait for a lock of the database
 * anyway.
 * @throws write.contended when too many wait, or this waited too long
 */
export async function inTurn<T>(
  kind: string,
  work: () => Promise<T>,
  bounds: Partial<TurnBounds> = {},
): Promise<T> {
  const queue = queues.get(kind) ?? new TurnQueue({ ...writeBounds, ...bounds });
  queues.set(kind, queue);
  try {
    return await queue.run(work);
  } finally {
    if (queue.isIdle && queues.get(kind) === queue) queues.delete(kind);
  }
}
