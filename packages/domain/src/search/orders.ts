import { z } from 'zod';
import { utcTimestamp } from '../core/index.ts';
import { type NamedRow, priorities } from '../tickets/index.ts';
import type { Sort } from '../views/index.ts';

/** An order of tickets: by a column that has an index with the id, which breaks ties. */
export interface Order {
  readonly column: string;
  readonly type: string;
  readonly direction: 'asc' | 'desc';
  readonly isNewestFirst: boolean;
  /** What a cursor holds: of the last ticket its place in the order and its id, and whether the list forgives. */
  readonly cursor: z.ZodType<[key: string | number, id: number, forgiving: boolean]>;
  keyOf(row: NamedRow): string | number;
}

const cursorOf = <Key extends z.ZodType<string | number>>(key: Key) =>
  z.tuple([key, z.int().min(1), z.boolean()]);

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
