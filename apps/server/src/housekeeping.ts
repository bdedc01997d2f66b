import { access, analytics, type Clock, forgetOldKeys } from '@tocsin/domain';
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
 * Adds up what the figures of the desk are sums of, and removes what nobody will ask for again, a little at a time, for as
 * long as the process serves.
 */
export function startHousekeeping({ db, clock, log }: HousekeepingParts): { stop(): void } {
  let stopped = false;
  let timer = setTimeout(round, ROUND_MS).unref();
  async function round(): Promise<void> {
    try {
      while (!stopped && (await analytics.settle(db)) > 0);
      while (!stopped && (await forgetOldKeys(db, clock.now())) > 0);
      while (!stopped && (await access.forgetOldWindows(db)) > 0);
      await access.forgetOldNetworks(db, clock.now());
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
