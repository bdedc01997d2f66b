/** The clocks of two servers may differ by so much; a time further in the future is from before a clock was set back. */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000;

/** The only source of the present moment in the domain, so that tests can hold it still. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
