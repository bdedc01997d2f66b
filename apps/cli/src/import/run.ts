import { type Batch, batchesOf, entriesOf } from './batches.ts';
import { type KeptField, type Sender, type Sent, sendBatch } from './send.ts';
import type { LeftOut, Reading, Rejection, SourceRow } from './source.ts';

/** A row that did not go in. */
export interface RejectedRow extends Rejection {
  readonly line: number;
}

/** A change of the source that did not win against one that was made here. */
export interface Conflict extends KeptField {
  readonly line: number;
  /** The ticket's id in the source. */
  readonly id: string;
}

/** What an import did, so far or in all. */
export interface ImportSummary {
  readonly system: string;
  readonly dryRun: boolean;
  rowsRead: number;
  ticketsCreated: number;
  eventsWritten: number;
  /** Rows that were taken over before. */
  rowsSkipped: number;
  rowsRejected: number;
  conflictCount: number;
  /** The first of them, as many as the job keeps. */
  readonly rejected: RejectedRow[];
  readonly conflicts: Conflict[];
  /** What of the file has no place in the desk. */
  leftOut: LeftOut;
}

/** One import. */
export interface ImportJob {
  readonly reading: Reading;
  readonly sender: Sender;
  /** Grows while the import runs. */
  readonly summary: ImportSummary;
  /** How many rejected rows and conflicts the summary lists; a file of nothing else must not fill the memory. */
  readonly keptRejections: number;
  /** Told after each batch. */
  readonly onProgress: () => void;
}

/** A summary of nothing yet. */
export const emptySummary = (system: string, dryRun: boolean): ImportSummary => ({
  system,
  dryRun,
  rowsRead: 0,
  ticketsCreated: 0,
  eventsWritten: 0,
  rowsSkipped: 0,
  rowsRejected: 0,
  conflictCount: 0,
  rejected: [],
  conflicts: [],
  leftOut: { columns: [], values: [] },
});

/**
 * Takes a file over. While one batch is under way the next is read, and no more, so that memory does not grow with the
 * file; batches go one after the other, because the entries of a ticket must arrive in order. When the sender's signal
 * is aborted, the batch under way is finished and no other begun.
 */
export async function runImport(job: ImportJob): Promise<void> {
  const { reading, sender, summary } = job;
  const state = { conflicts: new Conflicts(job), foreign: new Map<string, Rejection>() };
  let underWay = Promise.resolve();
  for (const batch of batchesOf(reading.read(), { grouped: sender.dryRun })) {
    await underWay;
    if (sender.signal.aborted) return;
    underWay = carryOut(job, batch, state);
    // Its failure is met at the next await, not before; without this Node would take it for one that nobody handles.
    underWay.catch(() => {});
  }
  await underWay;
  summary.leftOut = reading.leftOut();
}

/** What an import must remember from one batch to the next. */
interface Memory {
  readonly conflicts: Conflicts;
  /** By id, why the incident is another one than that of the desk: the desk says so where it is opened only. */
  readonly foreign: Map<string, Rejection>;
}

async function carryOut(job: ImportJob, batch: Batch, { conflicts, foreign }: Memory): Promise<void> {
  const { sender, summary, onProgress } = job;
  const { rows, entries } = without(foreign, batch);
  const sent = await sendBatch(sender, entries);
  summary.rowsRead += rows.length;
  summary.ticketsCreated += sent.created;
  summary.eventsWritten += sent.events;
  summary.rowsSkipped += sent.skipped - skippedOpenings(rows, sent);
  let place = 0;
  for (const row of rows) {
    const count = entriesOf(row).length;
    const places = Array.from({ length: count }, (_, i) => place + i);
    place += count;
    const rejection = places.map((at) => sent.rejected.get(at)).find(Boolean) ?? row.rejection;
    if (rejection) reject(job, { line: row.line, ...rejection });
    if (rejection?.code === OTHER_OPENING) foreign.set(idOf(row), rejection);
    for (const at of places)
      for (const field of sent.kept.get(at) ?? []) conflicts.add(row, entries[at]?.id ?? '', field);
  }
  onProgress();
}

/** What the desk answers where a number is that of another ticket. */
export const OTHER_OPENING = 'import.other_opening';

const idOf = ({ opening, entry }: SourceRow): string => (opening ?? entry)?.id ?? '';

/** A batch whose rows of these ids are rejected instead of sent. */
function without(foreign: ReadonlyMap<string, Rejection>, batch: Batch): Batch {
  if (foreign.size === 0) return batch;
  const rows = batch.rows.map((row) => {
    const rejection = foreign.get(idOf(row));
    return rejection ? { line: row.line, rejection } : row;
  });
  return { rows, entries: rows.flatMap(entriesOf) };
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

/** A log repeats in each row what has not changed since, so each value that did not win is told once. */
class Conflicts {
  readonly #job: ImportJob;
  readonly #told = new Map<string, string>();

  constructor(job: ImportJob) {
    this.#job = job;
  }

  add({ line }: SourceRow, id: string, field: KeptField): void {
    const name = `${id}\n${field.field}`;
    const value = JSON.stringify(field.source);
    if (this.#told.get(name) === value) return;
    this.#told.set(name, value);
    const { summary, keptRejections } = this.#job;
    summary.conflictCount += 1;
    if (summary.conflicts.length < keptRejections) summary.conflicts.push({ line, id, ...field });
  }
}
