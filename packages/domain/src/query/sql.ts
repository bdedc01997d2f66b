import { all, any, type Caller, not, nothing, type SqlCondition } from '../core/index.ts';
import { priorities, statuses, ticketColumns, ticketTypes } from '../tickets/index.ts';
import type { Ids } from './names.ts';
import type { ListedField, Name, Query, ReferenceField, Words } from './tree.ts';
import { folded } from './typos.ts';

/** The words that may be meant by a word, by its `wordName`. */
export type Guessed = ReadonlyMap<string, readonly string[]>;
/** Every word as it is written. */
export const noGuesses: Guessed = new Map();

/** A word as a query has it. */
export const wordName = ({ text, place }: Words): string => (place === 'title' ? `title:${text}` : text);

/** What a query is asked with, beside itself. */
export interface Asked {
  readonly caller: Pick<Caller, 'id' | 'teamIds'>;
  readonly ids: Ids;
  /** What counts as well as some of the words. */
  readonly guessed: Guessed;
}

/** A query as a condition on `tickets`: never null, every value a binding. */
export function conditionOfQuery(query: Query, asked: Asked): SqlCondition {
  switch (query.kind) {
    case 'and':
      return all(conditionsOf(withoutNotByNot(query.parts), asked, '&&'));
    case 'or':
      return any(conditionsOf(query.parts, asked, '||'));
    case 'not':
      if (query.part.kind === 'oneOf' && query.part.field !== 'tag') return noneOf(query.part);
      // What is not wanted was meant as it stands.
      return not(conditionOfQuery(query.part, { ...asked, guessed: noGuesses }));
    case 'words':
      return has(columnOf(query), wordOrGuesses(query, asked.guessed));
    case 'ticket':
      return { sql: 'tickets.id = ?', bindings: [query.id] };
    case 'oneOf':
      return oneOf(query.field, query.values);
    case 'refersTo':
      return any(query.names.map((name) => refersTo(query.field, name, asked)));
    case 'source':
      return {
        sql: '(tickets.source_system is not null and tickets.source_system = ? and tickets.source_id = ?)',
        bindings: [query.system, query.id],
      };
    case 'sourceId':
      return {
        sql: '(tickets.source_id is not null and tickets.source_id = any(?::text[]))',
        bindings: [[...query.ids]],
      };
    case 'is':
      return {
        sql: query.what === 'restricted' ? 'tickets.restricted' : 'tickets.reopen_count > 0',
        bindings: [],
      };
    case 'within':
      return within(timeColumns[query.field], query.from, query.before);
  }
}

/** Each part's condition, but for words of one place, which are asked as one: each would read the words of a ticket anew. */
function conditionsOf(parts: readonly Query[], asked: Asked, join: '&&' | '||'): SqlCondition[] {
  const byColumn = Map.groupBy(parts.filter(isWords), columnOf);
  const words = [...byColumn].map(([column, some]) => {
    const wanted = some.map((one) => wordOrGuesses(one, asked.guessed));
    const sql = wanted.map((one) => one.sql).join(` ${join} `);
    return has(column, { sql: `(${sql})`, bindings: wanted.flatMap(({ bindings }) => bindings) });
  });
  const others = parts.filter((part) => !isWords(part)).map((part) => conditionOfQuery(part, asked));
  return [...words, ...others];
}

const isWords = (part: Query): part is Words => part.kind === 'words';

/** Of several words that are not wanted none is: they are looked for together, too. */
function withoutNotByNot(parts: readonly Query[]): readonly Query[] {
  const unwanted = parts.flatMap((part) =>
    part.kind === 'not' && part.part.kind === 'words' ? [part.part] : [],
  );
  if (unwanted.length < 2) return parts;
  const others = parts.filter((part) => part.kind !== 'not' || part.part.kind !== 'words');
  return [...others, { kind: 'not', part: { kind: 'or', parts: unwanted } }];
}

const timeColumns = {
  created: 'tickets.created_at',
  updated: 'tickets.updated_at',
  resolved: 'tickets.resolved_at',
  closed: 'tickets.closed_at',
} as const;

function within(column: string, from: string | null, before: string | null): SqlCondition {
  const parts: SqlCondition[] = [{ sql: `${column} is not null`, bindings: [] }];
  if (from !== null) parts.push({ sql: `${column} >= ?::timestamptz`, bindings: [from] });
  if (before !== null) parts.push({ sql: `${column} < ?::timestamptz`, bindings: [before] });
  return all(parts);
}

const choices = { status: statuses, priority: priorities, type: ticketTypes } as const;

/** One of all others: an index knows what a ticket is, not what it is not. */
function noneOf({ field, values }: { field: ListedField; values: readonly string[] }): SqlCondition {
  const others = (choices[field as keyof typeof choices] as readonly string[]).filter(
    (value) => !values.includes(value),
  );
  return oneOf(field, others);
}

/** As the database ranks priorities. */
const rankOf = (priority: string): string => String((priorities as readonly string[]).indexOf(priority) + 1);

function oneOf(field: string, values: readonly string[]): SqlCondition {
  if (values.length === 0) return nothing;
  if (field === 'tag') return { sql: 'tickets.tags && ?::text[]', bindings: [[...values]] };
  // Its rank has an index.
  if (field === 'priority')
    return { sql: 'tickets.priority_rank = any(?::smallint[])', bindings: [values.map(rankOf)] };
  return { sql: `tickets.${field} = any(?::text[])`, bindings: [[...values]] };
}

function refersTo(field: ReferenceField, name: Name, { caller, ids }: Asked): SqlCondition {
  const column = ticketColumns[`${field}Id`];
  if (name.kind === 'none') return { sql: `${column} is null`, bindings: [] };
  const wanted = wantedIds(field, name, { caller, ids });
  if (wanted.length === 0) return nothing;
  return { sql: `(${column} is not null and ${column} = any(?::uuid[]))`, bindings: [[...wanted]] };
}

/** The ids that a name stands for, of those that `findNames` found; `none` has none. */
export function wantedIds(
  field: ReferenceField,
  name: Name,
  { caller, ids }: Omit<Asked, 'guessed'>,
): readonly string[] {
  if (name.kind === 'id') return [name.text];
  if (name.kind === 'me') return field === 'team' ? caller.teamIds : [caller.id];
  return ids.get(name) ?? [];
}

const stems = `phraseto_tsquery('tocsin_stems', words_only(?))`;

const has = (column: string, { sql, bindings }: SqlCondition): SqlCondition => ({
  sql: `${column} @@ ${sql}`,
  bindings,
});

/** What to look for, as PostgreSQL's text search takes it. */
function wordOrGuesses(word: Words, guessed: Guessed): SqlCondition {
  if (word.form === 'beginning') return beginning(word.text);
  if (isPhrase(word)) return phrase(word.text);
  const written = { sql: stems, bindings: [word.text] };
  const meant = guessed.get(wordName(word));
  if (!meant || meant.length === 0) return written;
  return { sql: `(${stems} || to_tsquery('tocsin_stems', ?))`, bindings: [word.text, meant.join('|')] };
}

const parts = (text: string): readonly string[] => text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

const isPhrase = ({ text, place }: Words): boolean => place === 'anywhere' && parts(text).length > 1;

const anywhere = `plainto_tsquery('tocsin_stems', words_only(?))`;
/** Beside the words of a text so long that it is not known where all of them stand (migration `search_long_texts`). */
const placesMissing = `'qzxjqplacesmissing'::tsquery`;

/** Words one after the other, or anywhere where it is not known where they stand. */
const phrase = (text: string): SqlCondition => ({
  sql: `(${stems} || (${anywhere} && ${placesMissing}))`,
  bindings: [text, text],
});

/** Of several words (`db-serv*`) the last is a beginning, or has no other endings than those that stems have lost. */
function beginning(text: string): SqlCondition {
  const last = parts(text).at(-1) ?? '';
  const prefix = { sql: `to_tsquery('tocsin_words', ?)`, bindings: [`${folded(last)}:*`] };
  const before = text.slice(0, text.lastIndexOf(last));
  if (parts(text).length < 2) return prefix;
  const next = { sql: `(${prefix.sql} || ${stems})`, bindings: [...prefix.bindings, last] };
  return {
    sql: `((${stems} <-> ${next.sql}) || (${anywhere} && ${next.sql} && ${placesMissing}))`,
    bindings: [before, ...next.bindings, before, ...next.bindings],
  };
}

/** The column that has the words of a place. */
export const columnOf = ({ place }: Pick<Words, 'place'>): string =>
  place === 'title' ? 'tickets.title_search' : 'tickets.search';
