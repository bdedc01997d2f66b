import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { type Lease, leaseRequests } from './rate-windows.ts';

export interface RateLimiterOptions {
  readonly db: Knex;
  /** Requests a second. */
  readonly limit: number;
  readonly log: Logger;
}

/** How far a request may go. */
export interface Allowance {
  /** Of the calls that were asked for. */
  readonly granted: number;
  readonly limit: number;
  /** How many more there are in this second, as far as this process knows. */
  readonly remaining: number;
  /** Seconds until the next window begins, at least 1. */
  readonly seconds: number;
}

/** What a process knows of one key in the window that is running. */
interface Window {
  readonly key: Buffer;
  /** When the window ends, by this process's own clock; in milliseconds. */
  endsAt: number;
  /** Leased, and not given yet. */
  leased: number;
  /** Given without a lease; the next one pays for it. */
  debt: number;
  /** Asked for by those who wait. */
  wanted: number;
  /** Of the window, for everybody, when it was last heard of. */
  left: number;
  /** True when the window has no more, for anybody. */
  exhausted: boolean;
  /** True when this process limits by itself until the window ends. */
  alone: boolean;
}

/** Keys that are remembered at most. One that is forgotten within its second is asked for again. */
const MAX_CACHED = 50_000;
/** A request waits no longer than this for a lease, and is then judged by what this process alone has given. */
const MAX_WAIT_MS = 100;

/**
 * Limits how many requests a second a caller or an address makes, over all processes of a desk. Each process leases them
 * in blocks of a twentieth, the next block before the last is used up, and gives as many on credit when a window begins;
 * so nearly no request waits for the database, and several processes together give little more than the limit. While the
 * database is away each process limits by itself.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #block: number;
  readonly #credit: number;
  readonly #windows = new LRUCache<string, Window>({ max: MAX_CACHED });
  /** Windows that want a lease. */
  #wanting = new Set<Window>();
  #leasing: Promise<void> | null = null;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
    this.#block = Math.ceil(options.limit / 20);
    this.#credit = Math.floor(options.limit / 20);
  }

  /** Takes so many calls of a key's second, or as many as there are. */
  async take(key: string, calls: number): Promise<Allowance> {
    const window = this.#windowOf(key);
    let granted = this.#give(window, calls);
    if (granted < calls && !window.exhausted) granted += await this.#wait(window, calls - granted);
    if (window.leased < this.#block / 2 && !window.exhausted) this.#want(window);
    return {
      granted,
      limit: this.#options.limit,
      remaining: Math.max(0, window.left + window.leased - window.debt),
      seconds: Math.max(1, Math.ceil((window.endsAt - performance.now()) / 1000)),
    };
  }

  #windowOf(key: string): Window {
    const known = this.#windows.get(key);
    const window = known ?? this.#begin({ key: createHash('sha256').update(key).digest() });
    if (!known) this.#windows.set(key, window);
    // Its debt stays: it was given in the last window, and has not been paid for.
    else if (window.endsAt <= performance.now()) this.#begin(window);
    return window;
  }

  #begin(window: Partial<Window> & { key: Buffer }): Window {
    const endsAt = performance.now() + 1000;
    const { debt = 0, wanted = 0 } = window;
    return Object.assign(window, {
      debt,
      wanted,
      endsAt,
      leased: 0,
      left: this.#options.limit,
      exhausted: false,
      alone: false,
    });
  }

  #creditOf({ debt, left }: Window): number {
    return Math.max(0, Math.min(this.#credit, left) - debt);
  }

  /** What is leased first, then what there is of credit. */
  #give(window: Window, calls: number): number {
    const fromLease = Math.min(calls, window.leased);
    window.leased -= fromLease;
    const fromCredit = Math.min(calls - fromLease, this.#creditOf(window));
    window.debt += fromCredit;
    return fromLease + fromCredit;
  }

  /** Waits for leases until there are as many as are missing. Takes at once what comes: others wait for it, too. */
  async #wait(window: Window, missing: number): Promise<number> {
    const patience = new AbortController();
    const until = performance.now() + MAX_WAIT_MS;
    const timeUp = pause(MAX_WAIT_MS, undefined, { signal: patience.signal }).catch(() => {});
    let granted = 0;
    window.wanted += missing;
    while (granted < missing && !window.exhausted) {
      if (performance.now() < until) await Promise.race([this.#want(window), timeUp]);
      else this.#limitAlone(window);
      granted += this.#give(window, missing - granted);
    }
    window.wanted -= missing;
    patience.abort();
    return granted;
  }

  /** The database did not answer in time: this process gives what a second has, whatever the others do. */
  #limitAlone(window: Window): void {
    if (window.exhausted) return;
    window.leased += Math.max(0, window.left - window.debt);
    Object.assign(window, { left: 0, debt: 0, exhausted: true, alone: true });
  }

  /** Asks for a lease, together with all who want one by the time that the last one has come. */
  #want(window: Window): Promise<void> {
    this.#wanting.add(window);
    this.#leasing ??= this.#lease();
    return this.#leasing;
  }

  async #lease(): Promise<void> {
    // Requests that were read in the same turn of the loop want theirs in the same statement.
    await new Promise(setImmediate);
    const windows = [...this.#wanting];
    this.#wanting = new Set();
    const wants = windows.map(({ key, debt, wanted }) => ({
      key,
      given: debt,
      more: Math.min(this.#options.limit - debt, Math.max(this.#block, wanted)),
    }));
    try {
      const leases = await leaseRequests(this.#options.db, this.#options.limit, wants);
      for (const [index, lease] of leases.entries()) {
        const window = windows[index];
        const want = wants[index];
        if (window && want) this.#enter(window, lease, want.given);
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, 'could not lease requests; limiting by this process alone');
      for (const window of windows) this.#limitAlone(window);
    } finally {
      this.#leasing = null;
    }
  }

  #enter(window: Window, lease: Lease, given: number): void {
    if (window.alone) return;
    window.debt -= given;
    window.leased += lease.granted;
    window.left = lease.left;
    window.exhausted = lease.left === 0;
    window.endsAt = performance.now() + lease.endsIn;
  }
}
