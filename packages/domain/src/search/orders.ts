import { z } from 'zod';
import { type SqlCondition, utcTimestamp } from '../core/index.ts';
import { type NamedRow, priorities } from '../tickets/index.ts';
import type { Sort } from '../views/index.ts';
import { MAX_CORRECTED_WORDS } from './schema.ts';

/** An order of tickets: by a column that has an index with the id, which breaks ties. */
export interface Order {
  readonly column: string;
  readonly type: string;
  readonly direction: 'asc' | 'desc';
  readonly isNewestFirst: boolean;
  /** What a cursor holds: of the last ticket its place in the order and its id, what was guessed, and the watermark. */
  readonly cursor: z.ZodType<
    [key: string | number, id: number, guessed: string[], watermark?: string | undefined]
  >;
  keyOf(row: NamedRow): string | number;
}

const cursorOf = <Key extends z.ZodType<string | number>>(key: Key) =>
  z.tuple([key, z.int().min(1), z.array(z.string()).max(MAX_CORRECTED_WORDS), utcTimestamp().optional()]);

const columns = {
  createdAt: {
    column: 'tickets.created_at',
    type: 'timestamptz',
    cursor: cursorOf(utcTimestamp()),
    keyOf: (row: NamedRow) => row.createdAt,
  },
  updatedAt: {
    column: 'tickets.updated_at',
    type: 'timestamptz',
    cursor: cursorOf(utcTimestamp()),
    keyOf: (row: NamedRow) => row.updatedAt,
  },
  priority: {
    column: 'tickets.priority_rank',
    type: 'smallint',
    cursor: cursorOf(z.int().min(1).max(priorities.length)),
    // As the database ranks them.
    keyOf: (row: NamedRow) => priorities.indexOf(row.priority) + 1,
  },
} as const;

/** The order that a sort names. */
export function orderOf(sort: Sort): Order {
  const descending = sort.startsWith('-');
  const field = (descending ? sort.slice(1) : sort) as keyof typeof columns;
  return {
    ...columns[field],
    direction: descending ? 'desc' : 'asc',
    isNewestFirst: descending && field !== 'priority',
  };
}

/** A place in an order: behind a ticket. */
export interface PlaceAfter {
  readonly key: string | number;
  readonly id: number;
}

/** What a list of this order is sorted by. */
export const inOrder = ({ column, direction }: Order): string =>
  `order by ${column} ${direction}, tickets.id ${direction}`;

/** The tickets behind a place. */
export const following = ({ column, type, direction }: Order, { key, id }: PlaceAfter): SqlCondition => ({
  sql: `(${column}, tickets.id) ${direction === 'desc' ? '<' : '>'} (?::${type}, ?::bigint)`,
  bindings: [key, id],
});

/** The tickets that come next in the order, whatever they are: as many at most, and a source that is called `tickets`. */
export function nearestOf(
  { order, after }: { order: Order; after: PlaceAfter | null },
  most: number,
): string {
  const where = after ? `where ${following(order, after).sql}` : '';
  return `(select * from tickets ${where} ${inOrder(order)} limit ${most}) as tickets`;
}
