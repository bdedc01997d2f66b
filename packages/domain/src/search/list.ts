import {
  all,
  ask,
  type Context,
  Keyset,
  type Page,
  type SqlCondition,
  type Statement,
} from '../core/index.ts';
import { type NamedRow, type Ticket, ticketOfRow, ticketSelectFrom } from '../tickets/index.ts';
import type { Sort } from '../views/index.ts';
import { type Search, searchOf } from './conditions.ts';
import { type Order, orderOf } from './orders.ts';
import type { ListTickets } from './schema.ts';
import { withView } from './view.ts';
import { NEXT, nearestMost, walk, withoutWalk } from './walks.ts';

const defaultSort: Sort = '-createdAt';

/**
 * Tickets that are as asked, newest first unless told otherwise. Where no ticket has the words as they were written,
 * those that have them but for one mistake in each.
 * @throws query.invalid, cursor.invalid
 */
export async function list(ctx: Context, input: ListTickets): Promise<Page<Ticket>> {
  const { limit, cursor, offset, sort: asked, ...given } = input;
  const { filters, sort = defaultSort } = await withView(ctx, { ...given, sort: asked });
  const order = orderOf(sort);
  const search = await searchOf(ctx, filters);
  const place = new Place({ ...filters, sort }, order);
  const after = place.after(input);
  const read = (forgiving: boolean) =>
    readTickets(ctx, { search, order, after, forgiving, limit: limit + 1, offset: offset ?? 0 });
  let forgiving = after?.forgiving ?? false;
  let rows = await read(forgiving);
  const mayForgive = rows.length === 0 && !forgiving && search.hasWords && !after;
  if (mayForgive && (await isEmpty(ctx, search, offset)) && (await anyMeant(ctx, search))) {
    forgiving = true;
    rows = await read(forgiving);
  }
  return place.page(rows, input, forgiving);
}

/** Whether nothing at all is as asked; a page far behind may be empty because fewer are. */
const isEmpty = async (ctx: Context, search: Search, offset = 0): Promise<boolean> =>
  offset === 0 || !(await anyTicket(ctx, search));

/** Whether some ticket is as asked, word for word. */
export async function anyTicket({ db }: Context, search: Search): Promise<boolean> {
  const { sql, bindings } = search.condition();
  const order = orderOf(defaultSort);
  const from = (source: string): Statement => ({
    sql: `select 1 from ${source} where ${sql} ${inOrder(order)} limit 1`,
    bindings,
    plannedEachTime: true,
  });
  const nearest = nearestOf({ order, after: null }, nearestMost(false));
  const found = await walk(db, {
    whole: from('tickets'),
    nearest: from(nearest),
    next: null,
    wanted: 1,
    heavy: false,
  });
  return found.length > 0;
}

/** Whether some ticket has what may have been meant. */
async function anyMeant({ db }: Context, search: Search): Promise<boolean> {
  const { sql, bindings } = search.condition(true);
  return (await withoutWalk(db, { sql: `select 1 from tickets where ${sql} limit 1`, bindings })).length > 0;
}

interface Wanted {
  readonly search: Search;
  readonly order: Order;
  readonly after: PlaceAfter | null;
  readonly forgiving: boolean;
  readonly limit: number;
  readonly offset: number;
}

function readTickets({ db }: Context, wanted: Wanted): Promise<NamedRow[]> {
  const whole = statementOf(wanted, 'tickets');
  if (wanted.search.isPlain) return ask<NamedRow>(db, whole);
  const { limit, forgiving } = wanted;
  const among = (most: number): Statement => statementOf(wanted, nearestOf(wanted, most));
  return walk<NamedRow>(db, {
    whole,
    nearest: among(nearestMost(forgiving)),
    next: isLikelyNext(wanted) ? among(NEXT) : null,
    wanted: limit,
    heavy: forgiving,
  });
}

const isLikelyNext = ({ search, order, offset }: Wanted): boolean =>
  search.isOfMany && order.isNewestFirst && offset === 0;

/** The tickets that come next in the order, whatever they are. */
function nearestOf({ order, after }: Pick<Wanted, 'order' | 'after'>, most: number): string {
  const where = after ? `where ${following(order, after).sql}` : '';
  return `(select * from tickets ${where} ${inOrder(order)} limit ${most}) as tickets`;
}

const inOrder = ({ column, direction }: Order): string =>
  `order by ${column} ${direction}, tickets.id ${direction}`;

/** First the rows, then their names, so that nothing is looked up for what is passed over. */
function statementOf({ search, order, after, forgiving, limit, offset }: Wanted, source: string): Statement {
  const place = after ? [following(order, after)] : [];
  const inside = source === 'tickets' ? [] : place;
  const where = all([search.condition(forgiving), ...place]);
  // The newest tickets are so many rows and no more, wherever the page begins and whoever asks; in another order a plan
  // for anybody would walk all tickets to find the few of a requester.
  const quick = search.isPlain && offset === 0 && order.column === 'tickets.created_at';
  // Both are whole numbers within bounds; as values they would keep PostgreSQL from planning for a page.
  const page = `select * from ${source} where ${where.sql} ${inOrder(order)} limit ${limit} offset ${offset}`;
  return {
    sql: `${ticketSelectFrom(`(${page}) as tickets`)} ${inOrder(order)}`,
    bindings: [...inside.flatMap(({ bindings }) => bindings), ...where.bindings],
    plannedEachTime: !quick,
    quick,
  };
}

const following = ({ column, type, direction }: Order, { key, id }: PlaceAfter): SqlCondition => ({
  sql: `(${column}, tickets.id) ${direction === 'desc' ? '<' : '>'} (?::${type}, ?::bigint)`,
  bindings: [key, id],
});

interface PlaceAfter {
  readonly key: string | number;
  readonly id: number;
  /** Pages of a list that had to forgive go on forgiving, whatever has been written since. */
  readonly forgiving: boolean;
}

/** The place in a list of tickets. */
class Place {
  readonly #keyset;
  readonly #order: Order;

  constructor(filters: object, order: Order) {
    this.#order = order;
    this.#keyset = new Keyset(order.cursor, 'tickets', sorted(filters));
  }

  after(input: ListTickets): PlaceAfter | null {
    const place = this.#keyset.after(input);
    return place && { key: place[0], id: place[1], forgiving: place[2] };
  }

  page(rows: readonly NamedRow[], input: ListTickets, forgiving: boolean): Page<Ticket> {
    const { keyOf } = this.#order;
    return this.#keyset.page(rows, input, {
      key: (row) => [keyOf(row), row.id, forgiving],
      item: ticketOfRow,
    });
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
