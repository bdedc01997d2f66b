import { hash } from 'node:crypto';
import type { Moment } from './dates.ts';
import type { Field } from './servicenow-columns.ts';
import {
  authorOf,
  gradeOf,
  holdReasonOf,
  MISSING,
  partOf,
  personOf,
  priorityOf,
  stateOf,
} from './servicenow-values.ts';

/** The values of a row; a column that the file lacks is undefined. */
export type Values = Readonly<Partial<Record<Field, string>>> & { readonly number: string };

/** The keys of the rows of one time: what looks alike is told apart by how often it came. */
export interface Tied {
  local: number;
  keys: string[];
}

/** Nothing yet. */
export const noneTied = (): Tied => ({ local: Number.NaN, keys: [] });

/** How a row is told from the others of its time. Another field here would make every row of older imports a new one. */
const told: readonly ((values: Values) => unknown)[] = [
  ({ updatedBy }) => authorOf(updatedBy),
  ({ state = MISSING }) => stateOf(state) ?? state,
  ({ title, description }) => [title ?? MISSING, description ?? MISSING],
  ...(['category', 'subcategory', 'symptom'] as const).map((field) => (values: Values) => {
    const value = values[field] ?? MISSING;
    return partOf(field, value);
  }),
  ({ impact = MISSING }) => gradeOf(impact) ?? impact,
  ({ urgency = MISSING }) => gradeOf(urgency) ?? urgency,
  ({ priority = MISSING }) => priorityOf(priority) ?? priority,
  ...(['requester', 'assignee', 'team'] as const).map(
    (field) => (values: Values) => personOf(field, values[field])?.id ?? MISSING,
  ),
  ({ holdReason = MISSING }) => holdReasonOf(holdReason) ?? holdReason,
  ({ closeCode, closeNotes }) => [closeCode ?? MISSING, closeNotes ?? MISSING],
];

/**
 * What the source tells a row from the others of its incident by: its time and the count of its saves, and without a
 * count all that it says, whether by label or by number.
 */
export function keyOf(tied: Tied, { local }: Moment, values: Values): string {
  const { updates = MISSING } = values;
  const isCounted = /^\d{1,9}$/.test(updates);
  const content = isCounted ? '' : JSON.stringify(told.map((part) => part(values)));
  const mark = isCounted ? `m${Number(updates)}` : hash('sha1', content, 'base64url').slice(0, 16);
  const key = `${Math.floor(local / 1000).toString(36)}-${mark}`;
  if (tied.local !== local) {
    tied.local = local;
    tied.keys = [];
  }
  const times = tied.keys.filter((one) => one === key).length;
  tied.keys.push(key);
  return times === 0 ? key : `${key}-${times + 1}`;
}

/** The short description, or `Category 55, subcategory 170, symptom 72`, without what is missing. */
export function titleOf(values: Values): string {
  const { title = MISSING } = values;
  if (title !== MISSING) return title.replaceAll(/\s+/g, ' ');
  const parts = (['category', 'subcategory', 'symptom'] as const)
    .filter((field) => (values[field] ?? MISSING) !== MISSING)
    .map((field) => `${field} ${partOf(field, values[field] ?? '')}`)
    .join(', ');
  return parts ? parts.charAt(0).toUpperCase() + parts.slice(1) : 'Incident';
}
