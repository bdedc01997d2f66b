import { all, ask, type Context, Keyset, type Page, pageBytesOf, type Statement } from '../core/index.ts';
import type { Guessed } from '../query/index.ts';
import {
  characterCount,
  type ListedRow,
  type ListedTicket,
  listedSelectFrom,
  listedTicketOf,
  wholeWithin,
} from '../tickets/index.ts';
import type { Sort } from '../views/index.ts';
import { type Search, searchOf } from './conditions.ts';
import { picker } from './fields.ts';
import { anyTicket, guessesAgain, guessesFor, toldOf } from './guesses.ts';
import { following, inOrder, nearestOf, type Order, orderOf, type PlaceAfter } from './orders.ts';
import type { ListTickets, TicketPage } from './schema.ts';
import { withView } from './view.ts';
import { NEAREST, NEXT, walk } from './walks.ts';
import { tellsChanges, watermarkOf } from './watermark.ts';

const defaultSort: Sort = '-createdAt';

/**
 * Tickets that are as asked, newest first unless told otherwise. Where there is none, words that no ticket has may be
 * written with one mistake each; which, the page tells.
 * @throws query.invalid, cursor.invalid
 */
export async function list(ctx: Context, input: ListTickets): Promise<TicketPage> {
  const { limit, cursor, offset = 0, sort: asked, fields, ...given } = input;
  const { filters, sort = defaultSort } = await withView(ctx, { ...given, sort: asked });
  const order = orderOf(sort);
  const search = await searchOf(ctx, filters);
  const place = new Place({ ...filters, sort }, order);
  const after = place.after(input);
  // Before anything is read. All pages of a walk tell that of its first one, for what came meanwhile may lie behind them.
  const watermark = tellsChanges(order, input) ? (after?.watermark ?? (await watermarkOf(ctx))) : undefined;
  const maxBytes = pageBytesOf(ctx);
  const whole = fields?.includes('description') ? maxBytes : null;
  const read = (guessed: Guessed) =>
    readTickets(ctx, { search, order, after, guessed, limit: limit + 1, offset, whole });
  let guessed = await guessesAgain(ctx, search, after?.guessed ?? []);
  let rows = await read(guessed);
  // A page far behind may be empty because there are fewer.
  const isEmpty =
    rows.length === 0 && !after && (offset === 0 || !(await anyTicket(ctx, search.condition())));
  if (isEmpty) {
    guessed = await guessesFor(ctx, search);
    if (guessed.size > 0) rows = await read(guessed);
  }
  return {
    ...place.page(rows, input, { guessed, watermark, maxBytes }),
    ...toldOf(guessed),
    ...(watermark === undefined ? {} : { watermark }),
  };
}

interface Wanted {
  readonly search: Search;
  readonly order: Order;
  readonly after: PlaceAfter | null;
  readonly guessed: Guessed;
  readonly limit: number;
  readonly offset: number;
  /** How many bytes of whole descriptions are read at most; null for the beginnings of all. */
  readonly whole: number | null;
}

function readTickets({ db }: Context, wanted: Wanted): Promise<ListedRow[]> {
  const whole = statementOf(wanted, 'tickets');
  if (wanted.search.isPlain) return ask<ListedRow>(db, whole);
  const { limit } = wanted;
  const among = (most: number): Statement => statementOf(wanted, nearestOf(wanted, most));
  return walk<ListedRow>(db, {
    whole,
    nearest: among(NEAREST),
    next: isLikelyNext(wanted) ? among(NEXT) : null,
    wanted: limit,
    countOf: foundIn,
  });
}

/** How many rows there were, of which only some may have been read. */
const foundIn = (rows: readonly ListedRow[]): number => rows[0]?.found ?? rows.length;

const isLikelyNext = ({ search, order, offset }: Wanted): boolean =>
  search.isOfMany && order.isNewestFirst && offset === 0;

/** First the rows, then their names, so that nothing is looked up for what is passed over. */
function statementOf(wanted: Wanted, source: string): Statement {
  const { search, order, after, guessed, limit, offset, whole } = wanted;
  const place = after ? [following(order, after)] : [];
  const inside = source === 'tickets' ? [] : place;
  const where = all([search.condition(guessed), ...place]);
  // The newest tickets are so many rows and no more, wherever the page begins and whoever asks; in another order a plan
  // for anybody would walk all tickets to find the few of a requester.
  const quick = search.isPlain && offset === 0 && order.column === 'tickets.created_at';
  // Both are whole numbers within bounds; as values they would keep PostgreSQL from planning for a page.
  const page = `select * from ${source} where ${where.sql} ${inOrder(order)} limit ${limit} offset ${offset}`;
  const shown =
    whole === null ? `(${page}) as tickets` : wholeWithin(`(${page}) as tickets`, inOrder(order), whole);
  return {
    sql: `${listedSelectFrom(shown, whole !== null)} ${inOrder(order)}`,
    bindings: [...inside.flatMap(({ bindings }) => bindings), ...where.bindings],
    plannedEachTime: !quick,
    quick,
  };
}

/** Pages of a list that had to guess go on guessing the same, whatever has been written since. */
interface PlaceInList extends PlaceAfter {
  readonly guessed: readonly string[];
  readonly watermark: string | undefined;
}

/** What a cursor keeps beside a place, and how many bytes its page may have. */
interface Kept {
  readonly guessed: Guessed;
  readonly watermark: string | undefined;
  readonly maxBytes: number;
}

/** The place in a list of tickets. */
class Place {
  readonly #keyset;
  readonly #order: Order;

  constructor(filters: object, order: Order) {
    this.#order = order;
    this.#keyset = new Keyset(order.cursor, 'tickets', sorted(filters));
  }

  after(input: ListTickets): PlaceInList | null {
    const place = this.#keyset.after(input);
    return place && { key: place[0], id: place[1], guessed: place[2], watermark: place[3] };
  }

  page(
    rows: readonly ListedRow[],
    input: ListTickets,
    { guessed, watermark, maxBytes }: Kept,
  ): Page<ListedTicket> {
    const { keyOf } = this.#order;
    const kept = watermark === undefined ? [] : ([watermark] as const);
    const page = this.#keyset.page(rows, input, {
      key: (row) => [keyOf(row), row.id, [...guessed.keys()], ...kept],
      item: listedTicketOf,
      maxBytes,
      found: foundIn(rows),
      lengthOf: characterCount,
    });
    return input.fields ? { ...page, items: page.items.map(picker(input.fields)) } : page;
  }
}

/** The same filters in the same words, whatever the order they were written in. */
const sorted = (filters: object): object =>
  Object.fromEntries(
    Object.entries(filters)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.toSorted() : value])
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  );
