import { access, analytics, boundFutureKeys, type Clock, forgetOldKeys } from '@tocsin/domain';
import type { Knex } from 'knex';
import type { Logger } from 'pino';

export interface HousekeepingParts {
  readonly db: Knex;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long after one round the next begins; in milliseconds. */
const ROUND_MS = 60_000;

/**
 * Adds up what the figures of the desk are sums of, removes what nobody will ask for again, and ends in time what began
 * before a clock was set back, a little at a time, for as long as the process serves.
 */
export function startHousekeeping({ db, clock, log }: HousekeepingParts): { stop(): void } {
  let stopped = false;
  const jobs: readonly ((now: Date) => Promise<number>)[] = [
    () => analytics.settle(db),
    (now) => boundFutureKeys(db, now),
    (now) => forgetOldKeys(db, now),
    () => access.forgetOldWindows(db),
  ];
  let timer = setTimeout(round, ROUND_MS).unref();
  async function round(): Promise<void> {
    try {
      for (const job of jobs) while (!stopped && (await job(clock.now())) > 0);
      await access.forgetOldNetworks(db, clock.now());
      await access.boundLifetimes(db, clock.now());
    } catch (error) {
      log.warn({ err: error }, 'could not tidy up; trying again in a minute');
    }
    if (!stopped) timer = setTimeout(round, ROUND_MS).unref();
  }
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
