import { Failure } from '../failures.ts';
import type { DateOrder } from './source.ts';

/** A time as a file has it, without what it means anywhere. */
interface Written {
  readonly kind: 'iso' | 'numbers';
  /** Year, month and day for `iso`; else the first, the second, and the year. */
  readonly date: readonly [number, number, number];
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** Minutes east of UTC, where the file says so itself. */
  readonly offset: number | null;
}

const TIME =
  /^(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap])?(?:\.?m\.?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** Reads a time; null where it is none in any form that is known. */
function written(text: string): Written | null {
  const found = TIME.exec(text);
  if (!found) return null;
  const [, first = '', , second, third = '', hour, minute, seconds = 0, fraction = '', half, zone] = found;
  if (first.length === 3 || (first.length === 4 ? third.length > 2 : third.length !== 4)) return null;
  const clock = hourOf(Number(hour), half?.toLowerCase());
  const offset = offsetOf(zone);
  if (clock === null || Number.isNaN(offset)) return null;
  return {
    kind: first.length === 4 ? 'iso' : 'numbers',
    date: [Number(first), Number(second), Number(third)],
    hour: clock,
    minute: Number(minute),
    second: Number(seconds),
    millisecond: Number(fraction.slice(0, 3).padEnd(3, '0')),
    offset,
  };
}

function hourOf(hour: number, half: string | undefined): number | null {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (half === 'p' ? 12 : 0);
}

/** No place on Earth is further from UTC. */
const MAX_OFFSET_HOURS = 14;

/** Null where none is said, NaN for one that there is not. */
function offsetOf(zone: string | undefined): number | null {
  if (zone === undefined) return null;
  if (zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  if (Number(zone.slice(-2)) > 59 || minutes > MAX_OFFSET_HOURS * 60) return Number.NaN;
  return zone.startsWith('-') ? -minutes : minutes;
}

/** The same numbers as if they were UTC; null for a day or an hour that does not exist. */
function numbersOf(
  { kind, date: [a, b, c], hour, minute, second, millisecond }: Written,
  order: DateOrder,
): number | null {
  const [year, month, day] = kind === 'iso' ? [a, b, c] : order === 'dmy' ? [c, b, a] : [c, a, b];
  if (year < 1000 || hour > 23 || minute > 59 || second > 59) return null;
  const time = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  const real = new Date(time);
  return real.getUTCDate() === day && real.getUTCMonth() + 1 === month ? time : null;
}

/** Converts local times to UTC. */
export interface Zone {
  /**
   * @param local the numbers of a time as if they were UTC
   * @param which of a time that a clock showed twice
   */
  toUtc(local: number, which: Showing): number;
}

/** The first or the second of a time that a clock shows twice as it is put back. */
type Showing = 'first' | 'second';

export const utcZone: Zone = { toUtc: (local) => local };

/**
 * The times of an IANA zone. A time that a clock skipped is taken as if it had not been put forward; one that it showed
 * twice is either of the two.
 */
export async function zoneOf(name: string): Promise<Zone> {
  const { Temporal } = await import('temporal-polyfill');
  // Throws for a zone that there is not.
  new Temporal.ZonedDateTime(0n, name);
  const shifts = { first: new Map<number, number>(), second: new Map<number, number>() };
  return {
    toUtc(local, which) {
      const known = shifts[which];
      // Zones change on a quarter of an hour.
      const quarter = Math.floor(local / 900_000) * 900_000;
      let shift = known.get(quarter);
      if (shift === undefined) {
        const disambiguation = which === 'first' ? 'compatible' : 'later';
        const plain = Temporal.PlainDateTime.from(new Date(quarter).toISOString().slice(0, -1));
        shift = plain.toZonedDateTime(name, { disambiguation }).epochMilliseconds - quarter;
        if (known.size > 100_000) known.clear();
        known.set(quarter, shift);
      }
      return local + shift;
    },
  };
}

/** A time of a file. */
export interface Moment {
  /** As it is written, as if that were UTC: what the source itself tells times apart by. */
  readonly local: number;
  readonly utc: number;
  /** The second moment of a time that a clock showed twice; else the same. */
  readonly later: number;
}

/** Reads times in one order and one zone. */
export class Times {
  readonly #order: DateOrder;
  readonly #zone: Zone;
  #last: { readonly text: string; readonly moment: Moment | null } = { text: '', moment: null };

  constructor(order: DateOrder, zone: Zone) {
    this.#order = order;
    this.#zone = zone;
  }

  /** Null for what is no time, and for one that does not exist. */
  read(text: string): Moment | null {
    if (text !== this.#last.text) this.#last = { text, moment: this.#moment(text) };
    return this.#last.moment;
  }

  #moment(text: string): Moment | null {
    const found = written(text);
    const local = found && numbersOf(found, this.#order);
    if (found === null || local === null) return null;
    if (found.offset !== null) {
      const utc = local - found.offset * 60_000;
      return { local, utc, later: utc };
    }
    return { local, utc: this.#zone.toUtc(local, 'first'), later: this.#zone.toUtc(local, 'second') };
  }
}

interface Seen {
  readonly text: string;
  readonly line: number;
}

/** Finds out of every date of a file which number is the day. */
export class DateEvidence {
  #dmy: Seen | null = null;
  #mdy: Seen | null = null;
  #either: Seen | null = null;
  #last = '';

  look(text: string, line: number): void {
    if (text === this.#last) return;
    this.#last = text;
    const found = written(text);
    if (!found || found.kind === 'iso') return;
    const [first, second] = found.date;
    if (first > 12 && second <= 12) this.#dmy ??= { text, line };
    else if (second > 12 && first <= 12) this.#mdy ??= { text, line };
    else if (first <= 12 && second <= 12 && first !== second) this.#either ??= { text, line };
  }

  /**
   * The order that the dates show. No date that can be read in two ways is read with the month first, or in either
   * order where nothing shows it, unless somebody says so: a history cannot be changed afterwards.
   * @throws Failure where it must be said
   */
  decide(path: string): DateOrder {
    const [dmy, mdy, either] = [this.#dmy, this.#mdy, this.#either];
    if (dmy && !mdy) return 'dmy';
    if (!either && !mdy) return 'dmy';
    if (mdy && !dmy && !either) return 'mdy';
    const what = dmy
      ? `${told(dmy)} has the day first, ${told(mdy as Seen)} the month.`
      : `${told(either as Seen)} can be read in two ways${mdy ? `, and ${told(mdy)} has the month first` : ''}.`;
    throw new Failure(
      [
        `The dates of ${path} are not sure: ${what} Nothing was sent.`,
        'Say --dates dmy for day/month/year, or --dates mdy for month/day/year; rows that are not so are then rejected.',
      ].join('\n'),
    );
  }
}

const told = ({ text, line }: Seen): string => `${text} (line ${line})`;
