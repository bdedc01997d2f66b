import type { Model, QueryBuilder } from 'objection';
import { z } from 'zod';
import { Keyset, type Page, type PageInput } from './pages.ts';
import { text } from './text.ts';

interface Named extends Model {
  readonly id: string;
  readonly name: string;
}

/** A list in the order of names, whatever the case of their letters. Its table has an index on `lower(name) collate "C", id`. */
export class NameOrder {
  readonly #keyset: Keyset<z.ZodTuple<[ReturnType<typeof text>, z.ZodUUID]>>;
  readonly #table: string;

  /** @param table whose `name` orders the list; @param filters every input that decides which items the list holds */
  constructor(table: 'users' | 'teams' | 'services' | 'views', filters: object) {
    this.#table = table;
    this.#keyset = new Keyset(z.tuple([text({ max: 1000 }), z.uuid()]), table, filters);
  }

  /** Puts a query in order, and lets it begin and end where the page does. @throws cursor.invalid */
  order<M extends Named, Q extends QueryBuilder<M, M[]>>(query: Q, page: PageInput): Q {
    const after = this.#keyset.after(page);
    const name = `lower(${this.#table}.name) collate "C"`;
    query
      .select(`${this.#table}.*`)
      .select(query.modelClass().raw(`lower(${this.#table}.name)`).as('sort_name'))
      .orderByRaw(`${name}, ${this.#table}.id`)
      .limit(page.limit + 1)
      .offset(page.offset ?? 0);
    if (after) query.whereRaw(`(${name}, ${this.#table}.id) > (?, ?::uuid)`, after);
    return query;
  }

  /** A condition for `whereRaw`: the name begins so, whatever the case. `%` and `_` are letters like any other. */
  beginsWith(prefix: string): [sql: string, bindings: string[]] {
    const pattern = prefix.replace(/[\\%_]/g, '\\$&');
    return [`lower(${this.#table}.name) collate "C" like lower(?) || '%'`, [pattern]];
  }

  /** Makes the page of rows that `order` read; it ends before the item that would exceed the bytes of this request. */
  page<Row extends Named, T>(
    rows: readonly Row[],
    page: PageInput,
    { item, maxBytes }: { readonly item: (row: Row) => T; readonly maxBytes: number },
  ): Page<T> {
    const key = (row: Row): [string, string] => [(row as Row & { sortName: string }).sortName, row.id];
    return this.#keyset.page(rows, page, { key, item, maxBytes });
  }
}
