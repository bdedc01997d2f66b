import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DomainError, invalidInput } from './errors.ts';

/** The part of every list's input that says which part of the list. */
export const pageFields = {
  limit: z
    .int()
    .min(1)
    .max(100)
    .default(50)
    .describe(
      'How many items at most; a page of large items has fewer, and only `nextCursor: null` is the end',
    ),
  cursor: z
    .string()
    .min(1)
    .max(5000)
    .describe('`nextCursor` of the page before; opaque, and only good for the same filters')
    .optional(),
  offset: z
    .int()
    .min(0)
    .max(10_000)
    .describe(
      'How many items to pass over, for people who leaf through; not together with `cursor`. What follows a page is `offset` and the number of its items, or `nextCursor`',
    )
    .optional(),
};

/** Bytes of a page in JSON, roughly; it has one item at least, whatever the size of that. */
export const MAX_PAGE_BYTES = 1024 * 1024;

/** Whole bytes that a page of this request may hold: less where its answer has several. */
export const pageBytesOf = ({
  pageBytes = MAX_PAGE_BYTES,
}: {
  readonly pageBytes?: number | undefined;
}): number => Math.floor(Math.min(pageBytes, MAX_PAGE_BYTES));

export interface PageInput {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly offset?: number | undefined;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/**
 * The output of a list.
 * @param id its name in the OpenAPI document; its example is a page with the item's example
 * @param told what it tells beside the items
 */
export const pageOf = <T extends z.ZodType, Told extends z.ZodRawShape = Record<never, never>>(
  item: T,
  id: string,
  told: Told = {} as Told,
) =>
  z
    .strictObject({
      items: z.array(item),
      nextCursor: z.string().nullable().describe('Give it as `cursor` for what follows; null at the end'),
      ...told,
    })
    .meta({
      id,
      examples: [{ items: Object.values(item.meta()?.examples ?? {}).slice(0, 1), nextCursor: null }],
    });

const cursorError = () =>
  new DomainError({
    code: 'cursor.invalid',
    detail: 'This cursor is not one of ours, or belongs to a list with other filters; start again without it',
  });

const fingerprint = (list: string, filters: object): string =>
  createHash('sha256')
    .update(JSON.stringify([list, filters]))
    .digest('base64url')
    .slice(0, 12);

/** How a page is made of rows. */
interface PageReading<Row, Key, T> {
  readonly key: (row: Row) => Key;
  readonly item: (row: Row) => T;
  readonly maxBytes?: number;
  /** How many rows there were, where only the first ones were read. */
  readonly found?: number;
  /** About as many characters as an item has, where that is known more cheaply than by its JSON. */
  readonly lengthOf?: (item: T) => number;
}

/** A control character takes so many bytes in JSON; no other character of a text takes more. */
const MAX_BYTES_PER_CHARACTER = 6;

/** The first items, as many as fit, and one at least. Measures each only where a quick look leaves it open. */
function fitting<T>(items: T[], maxBytes: number, lengthOf?: (item: T) => number): T[] {
  if (lengthOf) {
    const length = items.reduce((sum, item) => sum + lengthOf(item), 0);
    if (length * MAX_BYTES_PER_CHARACTER <= maxBytes) return items;
  }
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    return bytes > maxBytes;
  });
  return end === -1 ? items : items.slice(0, Math.max(1, end));
}

/**
 * The place in a keyset list: the sort key of the last item that was shown, tied to the list and its filters.
 * A place from another list or other filters, or one that no row can have, is 400 `cursor.invalid`.
 */
export class Keyset<Key extends z.ZodType> {
  readonly #key: Key;
  readonly #mark: string;

  /** @param list the list's name; @param filters every input that decides which items the list holds, and their order */
  constructor(key: Key, list: string, filters: object) {
    this.#key = key;
    this.#mark = fingerprint(list, filters);
  }

  /** Where the page begins: after this key, or null for the beginning. */
  after(page: PageInput): z.output<Key> | null {
    if (page.cursor === undefined) return null;
    if (page.offset !== undefined) {
      throw invalidInput([{ path: ['offset'], message: 'Give either cursor or offset, not both' }]);
    }
    return this.#decode(page.cursor);
  }

  /**
   * Makes the page of rows that were read with `limit + 1`, so that the extra row tells whether more follows. It ends
   * before the item that would exceed its bytes.
   */
  page<Row, T>(rows: readonly Row[], page: PageInput, read: PageReading<Row, z.input<Key>, T>): Page<T> {
    const { maxBytes = MAX_PAGE_BYTES, found = rows.length } = read;
    const items = fitting(rows.slice(0, page.limit).map(read.item), maxBytes, read.lengthOf);
    const last = rows[items.length - 1];
    const more = found > items.length && last !== undefined;
    return { items, nextCursor: more ? this.#encode(read.key(last)) : null };
  }

  #encode(key: z.input<Key>): string {
    return Buffer.from(JSON.stringify([this.#mark, key])).toString('base64url');
  }

  #decode(cursor: string): z.output<Key> {
    const parsed = z.tuple([z.literal(this.#mark), this.#key]).safeParse(readJson(cursor));
    if (!parsed.success) throw cursorError();
    return parsed.data[1] as z.output<Key>;
  }
}

function readJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
