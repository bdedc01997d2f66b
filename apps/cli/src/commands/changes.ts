import { cleanLine, label, shorten } from '../terminal/text.ts';
import { describe } from './describe.ts';

/** For each changed field its value before and after. */
export type Changes = Readonly<Record<string, { readonly from?: unknown; readonly to?: unknown }>>;

interface Telling {
  /** True of what was not there before: then only what it has is worth telling. */
  readonly isNew: boolean;
  /** Fields that are told first, in this order. */
  readonly first?: readonly string[];
}

const MAX_LENGTH = 40;
const brief = (value: unknown): string => shorten(cleanLine(describe(value)), MAX_LENGTH);

/** What changed, in a line: `status open → resolved, resolution none → fixed`. */
export const tellChanges = (changes: Changes, { isNew, first = [] }: Telling): string =>
  Object.entries(changes)
    .filter(([, { to }]) => !isNew || !isEmpty(to))
    .sort(([one], [other]) => rank(one, first) - rank(other, first))
    .map(([field, { from, to }]) => {
      const name = label(field).toLowerCase();
      return isNew ? `${name} ${brief(to)}` : `${name} ${brief(from)} → ${brief(to)}`;
    })
    .join(', ');

function rank(field: string, first: readonly string[]): number {
  const place = first.indexOf(field);
  return place < 0 ? first.length : place;
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === false || value === 0 || (Array.isArray(value) && value.length === 0);
