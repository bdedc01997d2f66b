import type { ImportEntry, SourceRow } from './source.ts';

/** Rows that are sent together. */
export interface Batch {
  readonly rows: SourceRow[];
  readonly entries: ImportEntry[];
}

/** The desk takes 1,000 entries and 1 MiB at most; these leave room for both. */
const TARGET_ENTRIES = 500;
const TARGET_BYTES = 512 * 1024;
/** Rows that send nothing are held until the batch is done, so they are bounded as well. */
const MAX_ROWS = 1000;

/** The desk takes no more entries at once, whatever they belong to. */
const MAX_REQUEST_ENTRIES = 1000;

/**
 * Gathers rows to batches; a row is never divided.
 * @param grouped whether the rows of a ticket stay together, for a desk that remembers nothing between batches
 */
export function* batchesOf(rows: Iterable<SourceRow>, { grouped = false } = {}): Generator<Batch> {
  let batch: Batch = { rows: [], entries: [] };
  let bytes = 0;
  for (const row of rows) {
    const entries = entriesOf(row);
    const size = entries.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0);
    const count = batch.entries.length + entries.length;
    const full = batch.rows.length >= MAX_ROWS || count > TARGET_ENTRIES || bytes + size > TARGET_BYTES;
    const goesOn =
      grouped &&
      count <= MAX_REQUEST_ENTRIES &&
      bytes + size <= TARGET_BYTES &&
      entries[0]?.id === batch.entries.at(-1)?.id;
    if (full && !goesOn && batch.rows.length > 0) {
      yield batch;
      batch = { rows: [], entries: [] };
      bytes = 0;
    }
    batch.rows.push(row);
    batch.entries.push(...entries);
    bytes += size;
  }
  if (batch.rows.length > 0) yield batch;
}

/** What a row sends, in order. */
export const entriesOf = ({ opening, entry }: SourceRow): ImportEntry[] => [
  ...(opening ? [opening] : []),
  ...(entry ? [entry] : []),
];
