import { statuses } from '../tickets/index.ts';
import { wrongQuery } from './errors.ts';
import { closest } from './nearest.ts';
import type { Piece } from './piece.ts';
import { periodOf, timeHint } from './times.ts';
import { anyOf, type Query, type ReferenceField, type TimeField } from './tree.ts';
import { listedValue, nameOf, type Values } from './values.ts';
import { sourceIdsOf, wordsOf } from './words.ts';

/** What a field was written with. */
export interface Written {
  /** Where the field begins. */
  readonly at: number;
  readonly values: readonly Piece[];
  readonly now: Date;
}

type Field = (written: Written) => Query;

const place = (at: number) => ({ parameter: 'q', position: at });

const listed =
  (field: Values): Field =>
  ({ values }) => ({
    kind: 'oneOf',
    field,
    values: values.flatMap((piece) => listedValue(field, piece.text, place(piece.at))),
  });

const refersTo =
  (field: ReferenceField): Field =>
  ({ values }) => ({
    kind: 'refersTo',
    field,
    names: values.map((piece) => nameOf(field, piece.text, { at: place(piece.at), literal: piece.quoted })),
  });

/** What is no status, but what `is:` can be followed by, belongs there. */
const status: Field = (written) => {
  for (const { text, at } of written.values) {
    const name = text.toLowerCase();
    if (isCondition(name) && !(statuses as readonly string[]).includes(name))
      throw wrongQuery(place(at), `There is no status ${text}; write is:${name}`);
  }
  return listed('status')(written);
};

const tag: Field = (written) => {
  const begun = written.values.find(({ text, quoted }) => !quoted && text.endsWith('*'));
  if (begun)
    throw wrongQuery(place(begun.at), 'Tags are looked for whole; a * of a tag itself stands in quotes');
  return listed('tag')(written);
};

const within =
  (field: TimeField): Field =>
  ({ values, now }) =>
    anyOf(
      values.map((piece) => {
        const period = periodOf(piece, now);
        if (!period) throw wrongQuery(place(piece.at), `"${piece.text}" is no time; write ${timeHint}`);
        return { kind: 'within', field, ...period };
      }),
    );

const title: Field = ({ values }) =>
  anyOf(
    values.map((piece) => {
      const words = wordsOf(piece, 'title');
      if (!words) throw wrongQuery(place(piece.at), 'There is no word in it to look for');
      return words;
    }),
  );

const unresolved: Query = { kind: 'oneOf', field: 'status', values: ['open', 'in_progress', 'on_hold'] };

const whole = (field: ReferenceField, kind: 'me' | 'none'): Query => ({
  kind: 'refersTo',
  field,
  names: [{ kind, text: kind, at: place(1) }],
});

/** What `is:` can be followed by. */
const conditions: Readonly<Record<string, Query>> = {
  unresolved,
  resolved: { kind: 'oneOf', field: 'status', values: ['resolved'] },
  open: { kind: 'oneOf', field: 'status', values: ['open'] },
  closed: { kind: 'oneOf', field: 'status', values: ['closed'] },
  mine: whole('assignee', 'me'),
  assigned: { kind: 'not', part: whole('assignee', 'none') },
  unassigned: whole('assignee', 'none'),
  restricted: { kind: 'is', what: 'restricted' },
  reopened: { kind: 'is', what: 'reopened' },
};

const isCondition = (name: string): boolean => Object.hasOwn(conditions, name);

const is: Field = ({ values }) =>
  anyOf(
    values.map((piece) => {
      const name = piece.text.toLowerCase();
      const query = isCondition(name) ? conditions[name] : undefined;
      if (query) return query;
      throw wrongQuery(place(piece.at), unknown('is:', piece.text, conditionNames));
    }),
  );

const source: Field = ({ values }) =>
  anyOf(
    values.map((piece) => {
      const [, system, id] = /^([a-z0-9_-]{1,50}):(\P{Cc}{1,200})$/u.exec(piece.text) ?? [];
      if (system !== undefined && id !== undefined) return { kind: 'source', system, id };
      const ids = sourceIdsOf(piece.text);
      if (ids.length > 0) return { kind: 'sourceId', ids };
      throw wrongQuery(
        place(piece.at),
        'It is a system and an id there, such as source:servicenow:0000045, or a number such as source:INC0000045',
      );
    }),
  );

/** Every field of the language. */
const fields: Readonly<Record<string, Field>> = {
  status,
  priority: listed('priority'),
  type: listed('type'),
  tag,
  assignee: refersTo('assignee'),
  requester: refersTo('requester'),
  team: refersTo('team'),
  service: refersTo('service'),
  created: within('created'),
  updated: within('updated'),
  resolved: within('resolved'),
  closed: within('closed'),
  title,
  is,
  source,
};

/** What other tools write between a field and its value. */
const COMPARED = /^(!?)([a-z]+)(:|!=|>=|<=|==?|>|<)(.*)$/isu;

/**
 * What was meant by `priority>=high`, `status=open` or `!status:open`, as it is written here; null for words, which
 * mention no field.
 */
export function asFields(text: string): string | null {
  const [, bang, name = '', sign = '', value] = COMPARED.exec(text) ?? [];
  if (!isField(name) || (bang === '' && sign === ':')) return null;
  const comparison = /^[<>]/.test(sign) ? sign : '';
  return `${bang === '!' || sign === '!=' ? '-' : ''}${name}:${comparison}${value}`;
}

/** Whether there is a field of this name. */
export const isField = (name: string): boolean => Object.hasOwn(fields, name.toLowerCase());

/** The names of all fields, and all that `is:` can be followed by. */
export const fieldNames = Object.keys(fields);
export const conditionNames = Object.keys(conditions);

const unknown = (what: string, text: string, choices: readonly string[]): string => {
  if (text.trim() === '') return `Something must stand behind ${what} It can be ${choices.join(', ')}`;
  const close = closest(text, choices);
  return `There is no ${what}${text}${close ? `; did you mean ${what}${close}?` : '.'} It can be ${choices.join(', ')}`;
};

/** What a field asks. @throws query.invalid for a field that there is not, and for values that it cannot have */
export function fieldOf(name: string, written: Written): Query {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field) return field(written);
  const close = closest(name, fieldNames);
  const hint = close ? `; did you mean ${close}:?` : '.';
  throw wrongQuery(
    place(written.at),
    `There is no field "${name}"${hint} The fields are ${fieldNames.join(', ')}. To look for the word, put it in quotes`,
  );
}
