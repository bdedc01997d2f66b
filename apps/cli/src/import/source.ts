import type { Readable } from 'node:stream';
import type { Inputs } from '@tocsin/client';

/** One saved change in another system's history of a ticket, as `imports.append` takes it. */
export type ImportEntry = Inputs['imports']['append']['entries'][number];

/** Why a row does not go in. */
export interface Rejection {
  /** Stable, for programs. */
  readonly code: string;
  readonly reason: string;
}

/** What a reader makes of one row of its file. */
export interface SourceRow {
  /** Where the row begins in the file; the first line is 1. */
  readonly line: number;
  /** The creation of a ticket (position 0), where it is not the row itself that creates. */
  readonly opening?: ImportEntry;
  /** The row's own change. */
  readonly entry?: ImportEntry;
  /** Why there is no entry. */
  readonly rejection?: Rejection;
}

/** A file that is read from its beginning to its end, once. */
export interface SourceFile {
  readonly path: string;
  /** Bytes that will come, unpacked; progress is measured against it. */
  readonly size: number;
  /** Bytes that have come. */
  bytesRead(): number;
  readonly content: Readable;
}

/**
 * A system whose history can be taken over. A new one is one file that exports one of these, and a line in
 * `readers.ts`.
 */
export interface SourceReader {
  /** The name on the command line, and `source.system` of the tickets. */
  readonly system: string;
  /** For help: what the file is, in a line. */
  readonly summary: string;
  /** For help: the rules of the translation. */
  readonly description: string;
  /** For help: a file as it is called there. */
  readonly example: string;
  /**
   * Reads the file row by row, never all of it. The entries of one ticket come in order, their positions the same at
   * every reading, also after rows that were rejected: by them a second run knows what the first has done.
   * @throws Failure when this is not a file of that system
   */
  read(file: SourceFile): AsyncIterable<SourceRow>;
}
