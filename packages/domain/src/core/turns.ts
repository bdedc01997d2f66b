import { writeContended } from './errors.ts';

interface TurnBounds {
  /** How many work at one time. */
  readonly concurrent: number;
  /** How many of them for one caller; left out, all. */
  readonly perCaller?: number;
  /** How many may wait; those beyond them are refused at once. */
  readonly waiting: number;
  /** How long one waits, in milliseconds. */
  readonly timeout: number;
}

/** What one caller has in a queue. */
interface Turns {
  working: number;
  readonly waiting: Set<() => void>;
}

/**
 * Lets so many work at one time within this process. Callers who wait take turns, and of one caller it is first come,
 * first served. Who waits here holds none of the database connections that all others need.
 */
export class TurnQueue {
  readonly #bounds: TurnBounds;
  readonly #perCaller: number;
  /** Callers that work or wait, in the order of their last turn, the latest last. */
  readonly #callers = new Map<string, Turns>();
  #working = 0;
  #waiting = 0;

  constructor(bounds: TurnBounds) {
    this.#bounds = bounds;
    this.#perCaller = bounds.perCaller ?? bounds.concurrent;
  }

  /** True when nobody works and nobody waits. */
  get isIdle(): boolean {
    return this.#working === 0;
  }

  /** Does the work when its turn comes. @throws write.contended when too many wait, or this waited too long */
  async run<T>(work: () => Promise<T>, caller = ''): Promise<T> {
    const turns = this.#callers.get(caller) ?? { working: 0, waiting: new Set() };
    this.#callers.set(caller, turns);
    if (this.#working < this.#bounds.concurrent && turns.working < this.#perCaller)
      this.#begin(caller, turns);
    else await this.#wait(caller, turns);
    try {
      return await work();
    } finally {
      this.#working -= 1;
      turns.working -= 1;
      this.#forgetIdle(caller, turns);
      this.#pass();
    }
  }

  #begin(caller: string, turns: Turns): void {
    this.#working += 1;
    turns.working += 1;
    this.#callers.delete(caller);
    this.#callers.set(caller, turns);
  }

  #forgetIdle(caller: string, { working, waiting }: Turns): void {
    if (working === 0 && waiting.size === 0) this.#callers.delete(caller);
  }

  #wait(caller: string, turns: Turns): Promise<void> {
    const { waiting, timeout } = this.#bounds;
    if (this.#waiting >= waiting) {
      this.#forgetIdle(caller, turns);
      return Promise.reject(writeContended());
    }
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        turns.waiting.delete(begin);
        this.#waiting -= 1;
        this.#forgetIdle(caller, turns);
        reject(writeContended());
      }, timeout);
      turns.waiting.add(begin);
    });
  }

  /** Gives the free turn to the caller whose last turn is the longest ago, of those who wait and have not their share. */
  #pass(): void {
    for (const [caller, turns] of this.#callers) {
      const [next] = turns.waiting;
      if (next === undefined || turns.working >= this.#perCaller) continue;
      turns.waiting.delete(next);
      this.#waiting -= 1;
      this.#begin(caller, turns);
      next();
      return;
    }
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
