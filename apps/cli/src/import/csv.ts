import { Transform } from 'node:stream';
import type { CsvError } from 'csv-parse';
import { Failure } from '../failures.ts';
import type { SourceFile } from './source.ts';

/** A record of a CSV file. */
export interface CsvRecord {
  readonly cells: readonly string[];
  /** Its first and its last line in the file; they differ when a quoted cell has line ends in it. */
  readonly line: number;
  readonly lastLine: number;
}

/** One record is never longer; a quote that is opened and not closed would else swallow the file into memory. */
const LONGEST = 4 * 1024 * 1024;

/**
 * Reads the records of a CSV file (RFC 4180), the header first, one after the other and never more than a few at once.
 * @throws Failure when it stops being CSV
 */
export async function* readCsv(file: SourceFile): AsyncGenerator<CsvRecord> {
  // Every command knows every reader; only the one that reads needs the parser.
  const { CsvError, parse } = await import('csv-parse');
  const parser = parse({
    bom: true,
    info: true,
    record_delimiter: '\n',
    // Rows that are too short or too long are for the reader to reject one by one.
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: LONGEST,
  });
  const lines = file.content.on('error', (error) => parser.destroy(error)).pipe(unixLines());
  try {
    for await (const { record: cells, info } of lines.pipe(parser) as AsyncIterable<ParsedRecord>) {
      yield { cells, line: info.lines - lineEndsIn(cells), lastLine: info.lines };
    }
  } catch (error) {
    throw error instanceof CsvError ? notCsv(file, error) : error;
  } finally {
    file.content.destroy();
  }
}

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

function lineEndsIn(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) {
    for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) count += 1;
  }
  return count;
}

function notCsv({ path }: SourceFile, { code, lines }: CsvError & { lines?: number }): Failure {
  const what =
    code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE'
      ? 'a quote is opened and never closed'
      : 'this is not CSV';
  return new Failure(`${path} cannot be read any further: ${what} (seen at line ${lines ?? '?'}).`);
}

const CR = 0x0d;
const LF = 0x0a;

/** Makes CRLF to LF. The parser counts a CRLF within quotes as two lines, and then every later line number is wrong. */
function unixLines(): Transform {
  let heldCr = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const whole = heldCr ? Buffer.concat([Buffer.of(CR), chunk]) : chunk;
      heldCr = whole.at(-1) === CR;
      done(null, withoutCr(heldCr ? whole.subarray(0, -1) : whole));
    },
    flush: (done) => done(null, heldCr ? Buffer.of(CR) : undefined),
  });
}

function withoutCr(text: Buffer): Buffer {
  let from = 0;
  const parts: Buffer[] = [];
  for (let at = text.indexOf(CR); at >= 0; at = text.indexOf(CR, at + 1)) {
    if (text[at + 1] !== LF) continue;
    parts.push(text.subarray(from, at));
    from = at + 1;
  }
  return from === 0 ? text : Buffer.concat([...parts, text.subarray(from)]);
}
