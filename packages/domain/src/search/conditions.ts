import { all, type Context, DomainError, type SqlCondition, utc } from '../core/index.ts';
import {
  allOf,
  conditionOfQuery,
  findNames,
  type Guessed,
  type Ids,
  isGuessable,
  type KeptName,
  nameOf,
  noGuesses,
  parseQuery,
  type Query,
  type Words,
  wordName,
  wrongQuery,
} from '../query/index.ts';
import { ticketColumns } from '../tickets/index.ts';
import type { Filters } from './schema.ts';

/** What a search asks, read and understood: every name in it is found. */
export interface Search {
  /** The tickets that the caller may see and that are like that; the guessed words also with one mistake in each. */
  condition(guessed?: Guessed): SqlCondition;
  /** The words that may be guessed, and which tickets that the caller may see have each. */
  readonly words: readonly { readonly word: Words; readonly condition: SqlCondition }[];
  /** True where nothing is asked: every ticket that the caller may see. */
  readonly isPlain: boolean;
  /** Whether kinds alone are asked for that the newest tickets most often have enough of. */
  readonly isOfMany: boolean;
  /** True where only the tickets themselves know whether they are so, and no index of columns. */
  readonly readsTickets: boolean;
}

/** The query of a view, and whom and what the names in it mean. */
export interface Saved {
  readonly name: string;
  readonly query: string;
  readonly names: readonly KeptName[];
}

/** The filters of a search, and the view that it is in. */
export type Narrowed = Omit<Filters, 'view'> & { readonly saved?: Saved | undefined };

/** Reads the filters of a search. @throws query.invalid */
export async function searchOf(ctx: Context, filters: Narrowed): Promise<Search> {
  const asked = allOf([parseQuery(filters.q ?? '', ctx.clock.now()), ...filterQueries(filters)]);
  const saved = await understood(ctx, filters.saved);
  // A name in the view may mean another than the same name asked for: neither stands for the other.
  const query: Query = { kind: 'and', parts: [saved.query, asked] };
  const ids = new Map([...saved.ids, ...(await findNames(ctx, asked))]);
  const visible = ctx.ability.where('read', 'Ticket', { columns: ticketColumns });
  const condition = (part: Query, guessed: Guessed) =>
    all([visible, conditionOfQuery(part, { caller: ctx.caller, ids, guessed })]);
  return {
    words: guessableIn(query).map((word) => ({ word, condition: condition(word, noGuesses) })),
    isOfMany: isOfMany(query),
    readsTickets: readsTickets(query),
    isPlain: asksNothing(query),
    condition: (guessed = noGuesses) => condition(query, guessed),
  };
}

/** What a view asks; nothing where there is none. @throws query.invalid for what whoever looks cannot understand of it */
async function understood(ctx: Context, saved: Saved | undefined): Promise<{ query: Query; ids: Ids }> {
  const query = parseQuery(saved?.query ?? '', ctx.clock.now());
  try {
    return { query, ids: await findNames(ctx, query, saved?.names) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const place = { parameter: 'view', position: null };
    // Its query may name what its reader may not know of.
    const why = mayKnowNames(ctx) ? ` Of its query: ${error.message}` : '';
    throw wrongQuery(place, `The view "${saved?.name}" cannot be shown to you.${why}`);
  }
}

/** Whether the caller may know the names of all people and teams. */
const mayKnowNames = ({ ability }: Context): boolean =>
  (['User', 'Team'] as const).every((subject) =>
    ability.can('read', subject, { row: { id: '' }, field: 'name' }),
  );

const asksNothing = (query: Query): boolean => query.kind === 'and' && query.parts.every(asksNothing);

/** The single words that are wanted, each once; those that are not are never guessed. */
function guessableIn(query: Query): Words[] {
  if (query.kind === 'and' || query.kind === 'or') {
    const words = query.parts.flatMap(guessableIn);
    return [...new Map(words.map((word) => [wordName(word), word])).values()];
  }
  return query.kind === 'words' && query.form === 'word' && isGuessable(query.text) ? [query] : [];
}

/** Priorities, types, and states that most tickets end in; those that are not done are few, and have an index. */
function isOfMany(query: Query): boolean {
  if (query.kind === 'and') return query.parts.every(isOfMany);
  if (query.kind !== 'oneOf' || query.field === 'tag') return false;
  return (
    query.field !== 'status' || query.values.some((status) => status === 'closed' || status === 'resolved')
  );
}

function readsTickets(query: Query): boolean {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.parts.some(readsTickets);
    case 'not':
      return readsTickets(query.part);
    case 'oneOf':
      return query.field === 'tag';
    default:
      return query.kind === 'words' || query.kind === 'source' || query.kind === 'sourceId';
  }
}

/** Each parameter as the part of a query that it stands for. */
function filterQueries(filters: Narrowed): Query[] {
  const listed = (['status', 'priority', 'type', 'tag'] as const).flatMap((field): Query[] => {
    const values = filters[field];
    return values ? [{ kind: 'oneOf', field, values }] : [];
  });
  const references = (['assignee', 'team', 'requester', 'service'] as const).flatMap((field): Query[] => {
    const at = { parameter: field, position: null };
    const names = filters[field]?.map((written) => nameOf(field, written, { at }));
    return names ? [{ kind: 'refersTo', field, names }] : [];
  });
  return [...listed, ...references, ...timeQueries(filters), ...sourceQuery(filters)];
}

function timeQueries(filters: Narrowed): Query[] {
  return (['created', 'updated'] as const).flatMap((field): Query[] => {
    const [from, before] = [filters[`${field}After`], filters[`${field}Before`]].map((moment) =>
      moment === undefined ? null : utc(moment),
    );
    return from || before ? [{ kind: 'within', field, from: from ?? null, before: before ?? null }] : [];
  });
}

function sourceQuery({ source }: Narrowed): Query[] {
  if (source === undefined) return [];
  const colon = source.indexOf(':');
  return [{ kind: 'source', system: source.slice(0, colon), id: source.slice(colon + 1) }];
}
