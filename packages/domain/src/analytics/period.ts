import { invalidInput } from '../core/index.ts';
import { type AskFigures, type Division, MAX_PERIODS } from './schema.ts';

/** Whole days in UTC, from the first to the one after the last; as `2026-01-31`. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
const floor = (time: number): number => Math.floor(time / DAY_MS) * DAY_MS;

/**
 * The days that an input asks for. Of a time the day counts that it lies in; a midnight ends the day before.
 * @throws input.invalid when there is no day, or by day and week more than one answer holds
 */
export function periodOf({ from, to, by }: AskFigures, now: Date): Period {
  const end = to === undefined ? floor(now.getTime()) + DAY_MS : Math.ceil(Date.parse(to) / DAY_MS) * DAY_MS;
  const start = from === undefined ? end - DEFAULT_DAYS * DAY_MS : floor(Date.parse(from));
  if (start >= end)
    throw invalidInput([{ path: ['from'], message: `Must lie before the end, ${dayOf(end)}` }]);
  const step = stepOf(by);
  if (step !== null && (end - start) / (step * DAY_MS) > MAX_PERIODS)
    throw invalidInput([
      {
        path: ['from'],
        message: `At most ${MAX_PERIODS} rows: ask for less time${by === 'day' ? ', or by week' : ', or by team'}`,
      },
    ]);
  return { from: dayOf(start), to: dayOf(end) };
}

/** How many days a row has; null for rows that are no times. */
export function stepOf(by: Division): 1 | 7 | null {
  if (by === 'day') return 1;
  return by === 'week' ? 7 : null;
}

/** The keys of all days, or of all weeks by their Mondays; none for rows that are no times. */
export function keysOf(by: Division, { from, to }: Period): string[] {
  const step = stepOf(by);
  if (step === null) return [];
  const keys: string[] = [];
  const first = Date.parse(from);
  // Sundays end a week (ISO 8601), and are 0 in JavaScript.
  const monday = first - ((new Date(first).getUTCDay() + 6) % 7) * DAY_MS;
  for (let time = step === 1 ? first : monday; time < Date.parse(to); time += step * DAY_MS)
    keys.push(dayOf(time));
  return keys;
}
