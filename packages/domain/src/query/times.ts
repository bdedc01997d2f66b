import type { Piece } from './piece.ts';
import type { Period } from './tree.ts';

const SPANS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const AGE = /^(\d{1,6})([mhdw])$/;
const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;
const FIRST_YEAR = 1900;
const EARLIEST = Date.UTC(FIRST_YEAR, 0, 1);
const LATEST = Date.UTC(9999, 0, 1);

/** What to write, for whoever wrote something else. */
export const timeHint =
  'a date (2026, 2026-01, 2026-01-31), a time (2026-01-31T09:30Z), today, yesterday, or an age (30m, 12h, 7d, 2w); ' +
  'with <, <=, > or >= before it, or as a range from earlier to later, 2026-01..2026-02; from the year 1900 to 9998';

/** A stretch of time in milliseconds: the whole of a day, month or year, or a moment as an empty one. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads what stands behind `created:` and its like. Dates are days in UTC. An age is how long ago: `<7d` is within the
 * last seven days, `>7d` before them.
 * @returns null for what is no time
 */
export function periodOf({ text }: Pick<Piece, 'text'>, now: Date): Period | null {
  const [, sign, rest = ''] = /^(<=|>=|<|>)?(.*)$/s.exec(text) ?? [];
  const age = AGE.exec(rest);
  if (age) return periodOfAge(sign, now.getTime() - Number(age[1]) * Number(SPANS[String(age[2])]));
  const [begin = '', end, more] = rest.split('..');
  if (more !== undefined || (sign !== undefined && end !== undefined)) return null;
  return end === undefined ? periodOfDate(sign, stretchOf(rest, now)) : rangeOf(begin, end, now);
}

const period = (from: number | null, before: number | null): Period | null => {
  const [first, last] = [from, before].map((time) => (time === null ? null : reachable(time)));
  return first === undefined || last === undefined ? null : { from: first, before: last };
};

/** Undefined for a time that no ticket can have and the database cannot hold. */
const reachable = (time: number): string | undefined =>
  time >= EARLIEST && time <= LATEST ? new Date(time).toISOString() : undefined;

/** Younger than an age is later than its moment. */
function periodOfAge(sign: string | undefined, moment: number): Period | null {
  if (sign === undefined || sign === '<' || sign === '<=') return period(moment, null);
  return period(null, sign === '>' ? moment : moment + 1);
}

function periodOfDate(sign: string | undefined, stretch: Stretch | null): Period | null {
  if (!stretch) return null;
  const { from, to } = stretch;
  switch (sign) {
    case '<':
      return period(null, from);
    case '<=':
      return period(null, to);
    case '>':
      return period(to, null);
    case '>=':
      return period(from, null);
    default:
      return period(from, to);
  }
}

function rangeOf(begin: string, end: string, now: Date): Period | null {
  const [first, last] = [begin, end].map((text) => (text === '*' ? 'open' : stretchOf(text, now)));
  if (!first || !last || (first === 'open' && last === 'open')) return null;
  if (first !== 'open' && last !== 'open' && first.from >= last.to) return null;
  return period(first === 'open' ? null : first.from, last === 'open' ? null : last.to);
}

function stretchOf(text: string, now: Date): Stretch | null {
  const word = text.toLowerCase();
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const day = Number(SPANS.d);
  if (word === 'today') return { from: midnight, to: midnight + day };
  if (word === 'yesterday') return { from: midnight - day, to: midnight };
  const age = AGE.exec(text);
  if (age) return momentOf(now.getTime() - Number(age[1]) * Number(SPANS[String(age[2])]));
  // Date.parse takes the 30th of February for the 2nd of March.
  if (MOMENT.test(text))
    return dateOf(text.slice(0, 10)) && !/T24/i.test(text) ? momentOf(Date.parse(text)) : null;
  return dateOf(text);
}

/** Times are kept to the millisecond. */
const momentOf = (time: number): Stretch | null => (Number.isNaN(time) ? null : { from: time, to: time + 1 });

function dateOf(text: string): Stretch | null {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return null;
  // JavaScript takes 26 for 1926.
  if (Number(year) < FIRST_YEAR) return null;
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  const from = Date.UTC(y, m, d);
  // 2026-02-31 would pass for the third of March.
  if (new Date(from).getUTCMonth() !== m || new Date(from).getUTCDate() !== d) return null;
  if (day !== undefined) return { from, to: Date.UTC(y, m, d + 1) };
  return { from, to: month === undefined ? Date.UTC(y + 1, 0, 1) : Date.UTC(y, m + 1, 1) };
}
