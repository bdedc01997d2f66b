import { wrongQuery } from './errors.ts';
import { nearest } from './nearest.ts';
import type { Piece } from './scan.ts';
import { periodOf, timeHint } from './times.ts';
import { anyOf, type Query, type ReferenceField, type TimeField } from './tree.ts';
import { listedValue, nameOf, type Values } from './values.ts';
import { wordsOf } from './words.ts';

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
  unassigned: whole('assignee', 'none'),
  restricted: { kind: 'is', what: 'restricted' },
  reopened: { kind: 'is', what: 'reopened' },
};

const is: Field = ({ values }) =>
  anyOf(
    values.map((piece) => {
      const name = piece.text.toLowerCase();
      const query = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
      if (query) return query;
      throw wrongQuery(place(piece.at), unknown('is:', piece.text, conditionNames));
    }),
  );

const source: Field = ({ values }) =>
  anyOf(
    values.map((piece) => {
      const [, system, id] = /^([a-z0-9_-]{1,50}):(\P{Cc}{1,200})$/u.exec(piece.text) ?? [];
      if (system !== undefined && id !== undefined) return { kind: 'source', system, id };
      throw wrongQuery(place(piece.at), 'It is a system and an id there, such as source:servicenow:0000045');
    }),
  );

/** Every field of the language. */
const fields: Readonly<Record<string, Field>> = {
  status: listed('status'),
  priority: listed('priority'),
  type: listed('type'),
  tag: listed('tag'),
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
const COMPARED = /^(!?)([a-z]+)(:|!=|>=|<=|=|>|<)(.*)$/su;

/**
 * What was meant by `priority>=high`, `status=open` or `!status:open`, as it is written here; null for words, which
 * mention no field.
 */
export function asFields(text: string): string | null {
  const [, bang, name = '', sign = '', value] = COMPARED.exec(text) ?? [];
  if (!Object.hasOwn(fields, name.toLowerCase()) || (bang === '' && sign === ':')) return null;
  const comparison = /^[<>]/.test(sign) ? sign : '';
  return `${bang === '!' || sign === '!=' ? '-' : ''}${name}:${comparison}${value}`;
}

/** The names of all fields, and all that `is:` can be followed by. */
export const fieldNames = Object.keys(fields);
export const conditionNames = Object.keys(conditions);

const unknown = (what: string, text: string, choices: readonly string[]): string => {
  const close = nearest(text.toLowerCase(), choices);
  return `There is no ${what}${text}${close ? `; did you mean ${what}${close}?` : '.'} It can be ${choices.join(', ')}`;
};

/** What a field asks. @throws query.invalid for a field that there is not, and for values that it cannot have */
export function fieldOf(name: string, written: Written): Query {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field) return field(written);
  const close = nearest(name, fieldNames);
  const hint = close ? `; did you mean ${close}:?` : '.';
  throw wrongQuery(
    place(written.at),
    `There is no field "${name}"${hint} The fields are ${fieldNames.join(', ')}. To look for the word, put it in quotes`,
  );
}
