import type { ImportEntry, SourceRow } from './source.ts';

/** Rows that are sent together. */
export interface Batch {
  readonly rows: SourceRow[];
  readonly entries: ImportEntry[];
}

/** The desk takes 1,000 entries and 1 MiB at most; these leave room for both. */
const MOST_ENTRIES = 500;
const MOST_BYTES = 512 * 1024;
/** Rows that send nothing are held until the batch is done, so they are bounded as well. */
const MOST_ROWS = 1000;

/** Gathers rows to batches; a row is never divided. */
export async function* batchesOf(rows: AsyncIterable<SourceRow>): AsyncGenerator<Batch> {
  let batch: Batch = { rows: [], entries: [] };
  let bytes = 0;
  for await (const row of rows) {
    const entries = entriesOf(row);
    const size = entries.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0);
    const full =
      batch.rows.length >= MOST_ROWS ||
      batch.entries.length + entries.length > MOST_ENTRIES ||
      bytes + size > MOST_BYTES;
    if (full && batch.rows.length > 0) {
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
