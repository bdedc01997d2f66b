import { z } from 'zod';
import { utcTimestamp } from '../core/index.ts';
import { type NamedRow, priorities } from '../tickets/index.ts';
import type { Sort } from '../views/index.ts';

/** An order of tickets: by a column that has an index with the id, which breaks ties. */
export interface Order {
  readonly column: string;
  readonly type: string;
  readonly direction: 'asc' | 'desc';
  /** What a cursor holds of the last ticket. */
  readonly key: z.ZodType<string | number>;
  keyOf(row: NamedRow): string | number;
}

const columns = {
  createdAt: {
    column: 'tickets.created_at',
    type: 'timestamptz',
    key: utcTimestamp(),
    keyOf: (row: NamedRow) => row.createdAt,
  },
  updatedAt: {
    column: 'tickets.updated_at',
    type: 'timestamptz',
    key: utcTimestamp(),
    keyOf: (row: NamedRow) => row.updatedAt,
  },
  priority: {
    column: 'tickets.priority_rank',
    type: 'smallint',
    key: z.int().min(1).max(priorities.length),
    // As the database ranks them.
    keyOf: (row: NamedRow) => priorities.indexOf(row.priority) + 1,
  },
} as const;

/** The order that a sort names. */
export function orderOf(sort: Sort): Order {
  const descending = sort.startsWith('-');
  const field = (descending ? sort.slice(1) : sort) as keyof typeof columns;
  return { ...columns[field], direction: descending ? 'desc' : 'asc' };
}
