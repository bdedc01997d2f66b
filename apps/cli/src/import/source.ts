import type { Inputs } from '@tocsin/client';
import type { Spool } from './spool.ts';

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

/** A file whose bytes have been checked, as UTF-8 with a line feed at the end of each line. */
export interface SourceFile {
  readonly path: string;
  readonly text: Spool;
}

/** Which number of a date comes first: the day or the month. */
export type DateOrder = 'dmy' | 'mdy';

/** What only the person who imports can know. */
export interface ReadOptions {
  /** Null: what the whole file shows. */
  readonly dates: DateOrder | null;
  /** An IANA name; null is UTC. */
  readonly timeZone: string | null;
  /** Whether the rows of a ticket must follow one another. */
  readonly grouped: boolean;
}

/** A value that Tocsin has no word for. */
export interface LeftValue {
  readonly column: string;
  readonly value: string;
  /** What the ticket has instead. */
  readonly became: string;
  rows: number;
}

/** What of a file does not get into the desk. */
export interface LeftOut {
  readonly columns: readonly string[];
  readonly values: readonly LeftValue[];
}

/** A file that has been looked through to its end. */
export interface Reading {
  /** How many rows will come. */
  readonly rows: number;
  /**
   * Gives the rows, those of a ticket in the order in which they happened. Their keys are the same at every reading and
   * in every file: by them a second run knows what the first has done.
   */
  read(): Iterable<SourceRow>;
  /** What has been left out so far. */
  leftOut(): LeftOut;
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
   * Looks through the whole file, before anything of it is sent.
   * @throws Failure when this is not a file of that system, or when it could be understood in two ways
   */
  open(file: SourceFile, options: ReadOptions): Promise<Reading>;
}
