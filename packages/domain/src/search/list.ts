import { all, ask, type Context, Keyset, type Page, type SqlCondition } from '../core/index.ts';
import { type NamedRow, type Ticket, ticketOfRow, ticketSelectFrom } from '../tickets/index.ts';
import type { Sort } from '../views/index.ts';
import { type Search, searchOf } from './conditions.ts';
import { type Order, orderOf } from './orders.ts';
import type { ListTickets } from './schema.ts';
import { withView } from './view.ts';

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
  if (rows.length === 0 && !forgiving && search.hasWords && !after && (await isEmpty(ctx, search, offset))) {
    forgiving = true;
    rows = await read(forgiving);
  }
  return place.page(rows, input, forgiving);
}

/** Whether nothing at all is as asked; a page far behind may be empty because fewer are. */
const isEmpty = async (ctx: Context, search: Search, offset = 0): Promise<boolean> =>
  offset === 0 || !(await anyTicket(ctx, search));

/** Whether some ticket is as asked, word for word. */
export async function anyTicket(ctx: Context, search: Search): Promise<boolean> {
  const { sql, bindings } = search.condition();
  const { rows } = await ctx.db.raw(
    `select 1 from tickets where ${sql} order by tickets.created_at desc, tickets.id desc limit 1`,
    [...bindings],
  );
  return rows.length > 0;
}

interface Wanted {
  readonly search: Search;
  readonly order: Order;
  readonly after: PlaceAfter | null;
  readonly forgiving: boolean;
  readonly limit: number;
  readonly offset: number;
}

/** First the rows, then their names, so that nothing is looked up for what is passed over. */
function readTickets(ctx: Context, wanted: Wanted): Promise<NamedRow[]> {
  const { search, order, after, forgiving, limit, offset } = wanted;
  const { column, direction } = order;
  const where = all([search.condition(forgiving), ...(after ? [following(order, after)] : [])]);
  const ordered = `order by ${column} ${direction}, tickets.id ${direction}`;
  // Both are whole numbers within bounds; as values they would keep PostgreSQL from planning for a page.
  const page = `select * from tickets where ${where.sql} ${ordered} limit ${limit} offset ${offset}`;
  return ask<NamedRow>(ctx.db, {
    sql: `${ticketSelectFrom(`(${page}) as tickets`)} ${ordered}`,
    bindings: where.bindings,
    plannedEachTime: !search.isPlain || offset > 0,
    // The newest tickets are so many rows and no more, wherever the page begins.
    quick: search.isPlain && offset === 0 && column === 'tickets.created_at',
  });
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
