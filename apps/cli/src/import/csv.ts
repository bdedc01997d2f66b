import type { Spool } from './spool.ts';

/** A record of a CSV file. */
export interface CsvRecord {
  readonly cells: readonly string[];
  /** Where it begins. */
  readonly offset: number;
  /** Its first and its last line in the file; they differ when a quoted cell has line ends in it. */
  readonly line: number;
  readonly lastLine: number;
  /** Where the next one begins. */
  readonly next: number;
  /** Why it is none; the next one then begins on the next line, so a quote costs no more than its row. */
  readonly fault?: string;
  /** The cells that are too long to be read, with their lengths in bytes. */
  readonly long?: ReadonlyMap<number, number>;
}

/** Longer than any text that the desk takes: 100,000 characters of four bytes. */
export const MAX_CELL_BYTES = 400_000;

const QUOTE = 0x22;
const LF = 0x0a;

/**
 * Reads the records of a CSV text (RFC 4180), whose lines end in a line feed; lines without anything are passed by. A
 * library would swallow everything behind a quote that is not closed; this goes on with the next line.
 */
export class CsvText {
  readonly #text: Spool;
  readonly #delimiter: string;

  constructor(text: Spool, delimiter: string) {
    this.#text = text;
    this.#delimiter = delimiter;
  }

  /** Every record, from an offset at the beginning of a line on. */
  *records(offset = 0, line = 1): Generator<CsvRecord> {
    let [at, number] = [offset, line];
    while (at < this.#text.size) {
      if (this.#text.at(at) === LF) {
        at += 1;
        number += 1;
        continue;
      }
      const record = this.record(at, number);
      yield record;
      at = record.next;
      number = record.fault === undefined ? record.lastLine + 1 : number + 1;
    }
  }

  /** The record that begins at an offset. */
  record(offset: number, line: number): CsvRecord {
    const end = this.#lineEnd(offset);
    const place = { offset, line, lastLine: line, next: end + 1 };
    if (this.#hasQuote(offset, end)) return this.#quoted(place, end);
    if (end - offset > MAX_CELL_BYTES) return this.#fields(place, end);
    return { ...place, cells: this.#text.text(offset, end).split(this.#delimiter) };
  }

  #lineEnd(from: number): number {
    const found = this.#text.indexOf(LF, from);
    return found < 0 ? this.#text.size : found;
  }

  #hasQuote(from: number, end: number): boolean {
    return this.#text.indexOf(QUOTE, from, end) >= 0;
  }

  #quoted(place: Place, firstEnd: number): CsvRecord {
    const cells = new Cells(this.#text);
    const delimiter = this.#delimiter.charCodeAt(0);
    for (let at = place.offset; ; at += 1) {
      const end = this.#cell(at, cells);
      const stop = end < 0 ? undefined : this.#text.at(end);
      if (end >= 0 && (stop === LF || stop === undefined)) return this.#whole(place, cells, end);
      if (stop !== delimiter)
        return { ...place, cells: [], next: firstEnd + 1, fault: this.#faultOf(place, at, end) };
      at = end;
    }
  }

  /** Reads the cell that begins here. @returns where it ends; -1 when it does not, or has a quote that it must not have */
  #cell(at: number, cells: Cells): number {
    if (this.#text.at(at) === QUOTE) {
      const closing = this.#closingQuote(at);
      if (closing >= 0) cells.addQuoted(at + 1, closing);
      return closing < 0 ? -1 : closing + 1;
    }
    const end = this.#fieldEnd(at);
    if (this.#hasQuote(at, end)) return -1;
    cells.add(at, end);
    return end;
  }

  #faultOf(place: Place, at: number, end: number): string {
    if (this.#text.at(at) !== QUOTE) return 'a quote stands within a cell that does not begin with one';
    const line = place.line + this.#linesIn(place.offset, at);
    return `a quote is opened in line ${line} and ${end < 0 ? 'never closed' : 'not closed at the end of its cell'}`;
  }

  #whole(place: Place, { values, long }: Cells, end: number): CsvRecord {
    const lastLine = place.line + this.#linesIn(place.offset, end);
    return { ...place, lastLine, next: end + 1, cells: values, ...(long.size > 0 ? { long } : {}) };
  }

  /** A line without quotes that is too long to be read as one. */
  #fields(place: Place, lineEnd: number): CsvRecord {
    const cells = new Cells(this.#text);
    for (let at = place.offset; at <= lineEnd; ) {
      const end = this.#fieldEnd(at);
      cells.add(at, end);
      at = end + 1;
    }
    return this.#whole(place, cells, lineEnd);
  }

  /** Where a quoted cell ends; two quotes are one within it. */
  #closingQuote(opening: number): number {
    for (let at = this.#text.indexOf(QUOTE, opening + 1); at >= 0; at = this.#text.indexOf(QUOTE, at + 2)) {
      if (this.#text.at(at + 1) !== QUOTE) return at;
    }
    return -1;
  }

  #fieldEnd(from: number): number {
    const end = this.#lineEnd(from);
    const found = this.#text.indexOf(this.#delimiter.charCodeAt(0), from, end);
    return found < 0 ? end : found;
  }

  #linesIn(from: number, end: number): number {
    let count = 0;
    for (let at = this.#text.indexOf(LF, from, end); at >= 0; at = this.#text.indexOf(LF, at + 1, end))
      count += 1;
    return count;
  }
}

type Place = Pick<CsvRecord, 'offset' | 'line' | 'lastLine' | 'next'>;

/** The cells of a record, but for the text of those that are too long. */
class Cells {
  readonly values: string[] = [];
  readonly long = new Map<number, number>();
  readonly #text: Spool;

  constructor(text: Spool) {
    this.#text = text;
  }

  add(from: number, end: number): void {
    const fits = end - from <= MAX_CELL_BYTES;
    if (!fits) this.long.set(this.values.length, end - from);
    this.values.push(fits ? this.#text.text(from, end) : '');
  }

  addQuoted(from: number, end: number): void {
    this.add(from, end);
    this.values.push(String(this.values.pop()).replaceAll('""', '"'));
  }
}
