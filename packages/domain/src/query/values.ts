import { isId } from '../core/index.ts';
import { priorities, statuses, Tag, ticketTypes } from '../tickets/index.ts';
import { wrongQuery } from './errors.ts';
import { closest } from './nearest.ts';
import type { ListedField, Name, Place, ReferenceField } from './tree.ts';

/** Fields whose values stand for themselves. */
export type Values = ListedField;

const choices: Readonly<Record<Exclude<ListedField, 'tag'>, readonly string[]>> = {
  status: statuses,
  priority: priorities,
  type: ticketTypes,
};

/**
 * The values that one written value stands for: itself, or those that a comparison of priorities spans (`>=high`).
 * @throws query.invalid
 */
export function listedValue(field: ListedField, written: string, at: Place): readonly string[] {
  if (field === 'tag') return [tagOf(written, at)];
  const [, sign, rest = ''] = (field === 'priority' && /^(<=|>=|<|>)(.*)$/s.exec(written)) || [
    null,
    null,
    written,
  ];
  const value = rest.trim().toLowerCase().replaceAll(/[-\s]/g, '_');
  if (value === '') throw wrongQuery(at, `Write what stands behind ${sign}, such as ${field}:${sign}high`);
  const index = choices[field].indexOf(value);
  if (index === -1) throw wrongQuery(at, noSuchValue(field, rest));
  return sign ? choices[field].filter((_, other) => compares(other, sign, index)) : [value];
}

function compares(one: number, sign: string, other: number): boolean {
  switch (sign) {
    case '<':
      return one < other;
    case '<=':
      return one <= other;
    case '>':
      return one > other;
    default:
      return one >= other;
  }
}

function noSuchValue(field: Exclude<ListedField, 'tag'>, written: string): string {
  const close = closest(written, choices[field]);
  const hint = close ? `; did you mean ${close}?` : '.';
  return `There is no ${field} ${written}${hint} It can be ${choices[field].join(', ')}`;
}

function tagOf(written: string, at: Place): string {
  const tag = Tag.safeParse(written);
  if (tag.success) return tag.data;
  throw wrongQuery(at, `No tag is like that: ${tag.error.issues[0]?.message ?? 'it is empty'}`);
}

/**
 * Somebody or something as it was written: `me` (of a team: one of mine), `none`, an id, or a name.
 * @param literal true for what stood in quotes, and is a name whatever it says
 * @throws query.invalid
 */
export function nameOf(
  field: ReferenceField,
  written: string,
  { at, literal = false }: { at: Place; literal?: boolean },
): Name {
  const text = written.trim().normalize();
  if (text === '' || [...text].length > 254)
    throw wrongQuery(at, `Must be an id, a name${field === 'service' ? '' : ', me'} or none`);
  const word = literal ? '' : text.toLowerCase();
  if (word === 'none') return { kind: 'none', text, at };
  if (word === 'me' && field !== 'service') return { kind: 'me', text, at };
  return isId(text) ? { kind: 'id', text: text.toLowerCase(), at } : { kind: 'name', text, at };
}
