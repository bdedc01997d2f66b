import { type Batch, batchesOf, entriesOf } from './batches.ts';
import { type Sender, type Sent, sendBatch } from './send.ts';
import type { Rejection, SourceFile, SourceReader, SourceRow } from './source.ts';

/** A row that did not go in. */
export interface RejectedRow extends Rejection {
  readonly line: number;
}

/** What an import did, so far or in all. */
export interface ImportSummary {
  readonly system: string;
  rowsRead: number;
  ticketsCreated: number;
  eventsWritten: number;
  /** Rows that were taken over before. */
  rowsSkipped: number;
  rowsRejected: number;
  /** The first of them, as many as the job keeps. */
  readonly rejected: RejectedRow[];
}

/** One import. */
export interface ImportJob {
  readonly reader: SourceReader;
  readonly file: SourceFile;
  readonly sender: Sender;
  /** Grows while the import runs. */
  readonly summary: ImportSummary;
  /** How many rejected rows the summary lists; a file of nothing else must not fill the memory. */
  readonly keptRejections: number;
  /** Told after each batch. */
  readonly onProgress: () => void;
}

/** A summary of nothing yet. */
export const emptySummary = (system: string): ImportSummary => ({
  system,
  rowsRead: 0,
  ticketsCreated: 0,
  eventsWritten: 0,
  rowsSkipped: 0,
  rowsRejected: 0,
  rejected: [],
});

/**
 * Takes a file over. While one batch is under way the next is read, and no more, so that memory does not grow with the
 * file; batches go one after the other, because the entries of a ticket must arrive in order. When the sender's signal
 * is aborted, the batch under way is finished and no other begun.
 */
export async function runImport(job: ImportJob): Promise<void> {
  const { reader, file, sender } = job;
  let underWay = Promise.resolve();
  for await (const batch of batchesOf(reader.read(file))) {
    await underWay;
    if (sender.signal.aborted) return;
    underWay = carryOut(job, batch);
    // Its failure is met at the next await, not before; without this Node would take it for one that nobody handles.
    underWay.catch(() => {});
  }
  await underWay;
}

async function carryOut(job: ImportJob, { rows, entries }: Batch): Promise<void> {
  const { sender, summary, onProgress } = job;
  const sent = await sendBatch(sender, entries);
  summary.rowsRead += rows.length;
  summary.ticketsCreated += sent.created;
  summary.eventsWritten += sent.events;
  summary.rowsSkipped += sent.skipped - skippedOpenings(rows, sent);
  let place = 0;
  for (const row of rows) {
    const count = entriesOf(row).length;
    const refused = Array.from({ length: count }, (_, i) => sent.rejected.get(place + i)).find(Boolean);
    place += count;
    const rejection = refused ?? row.rejection;
    if (rejection) reject(job, { line: row.line, ...rejection });
  }
  onProgress();
}

/** The desk counts entries; a row that also opens its ticket has two, and is one row all the same. */
function skippedOpenings(rows: readonly SourceRow[], { created, rejected }: Sent): number {
  let place = 0;
  let openings = 0;
  for (const row of rows) {
    if (row.opening && !rejected.has(place)) openings += 1;
    place += entriesOf(row).length;
  }
  return Math.max(0, openings - created);
}

function reject({ summary, keptRejections }: ImportJob, row: RejectedRow): void {
  summary.rowsRejected += 1;
  if (summary.rejected.length < keptRejections) summary.rejected.push(row);
}
