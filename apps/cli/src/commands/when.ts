import { InvalidArgumentError } from 'commander';

const minutes = { m: 1, h: 60, d: 24 * 60, w: 7 * 24 * 60 } as const;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How a moment can be typed; for help. */
export const whenHint = '90d, 12h, today, 2026-12-31, 2026-12 or 2026-12-31T18:00:00Z';

/**
 * Reads a moment as the desk takes it: a time of RFC 3339; a date, a month or a year, which is where it begins in UTC; or minutes, hours, days or
 * weeks from now, before or after it. Whether such a day exists the desk says.
 */
export const when =
  (direction: 'before' | 'after') =>
  (typed: string): string => {
    const [, count, unit] = /^(\d{1,5})([mhdw])$/i.exec(typed) ?? [];
    if (count && unit) {
      const span = Number(count) * minutes[unit.toLowerCase() as keyof typeof minutes] * MINUTE_MS;
      return new Date(Date.now() + (direction === 'after' ? span : -span)).toISOString();
    }
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    if (/^today$/i.test(typed)) return new Date(today).toISOString();
    if (/^yesterday$/i.test(typed)) return new Date(today - DAY_MS).toISOString();
    if (/^\d{4}(-\d\d){0,2}$/.test(typed)) return `${typed}${'-01-01'.slice(typed.length - 4)}T00:00:00.000Z`;
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(typed)) return typed;
    throw new InvalidArgumentError(`It must be a moment such as ${whenHint}.`);
  };
