/** A list of numbers that grows without an object for each. */
class Numbers {
  #values = new Float64Array(1024);
  length = 0;

  set(index: number, value: number): void {
    while (index >= this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[index] = value;
    this.length = Math.max(this.length, index + 1);
  }

  push(value: number): void {
    this.set(this.length, value);
  }

  at(index: number): number {
    return this.#values[index] ?? Number.NaN;
  }
}

/** Where a row stands in its file. */
export interface RowPlace {
  readonly offset: number;
  readonly line: number;
}

/** What is known of a row before it is read again. */
export interface IndexedRow extends RowPlace {
  /** What it is a part of; null for a row that belongs to nothing. */
  readonly id: string | null;
  /** NaN where it cannot be read. */
  readonly time: number;
  /** How often the source had saved its id before; NaN where it does not say. */
  readonly count: number;
}

const NOTHING = -1;

/**
 * Where each row of a file is, and in which order the rows of each id happened. A row takes 40 bytes, so a file need not
 * be held in memory. Rows whose counts do not fall stay as they are, even where their times do; others are put in the
 * order of time, then of counts, and of a file that has the newest first in the opposite of its own order.
 */
export class RowIndex {
  readonly #offsets = new Numbers();
  readonly #lines = new Numbers();
  readonly #ids = new Numbers();
  readonly #times = new Numbers();
  readonly #counts = new Numbers();
  readonly #numbers = new Map<string, number>();
  /** The last row of each id, by the id's number. */
  readonly #last = new Numbers();
  /** Ids whose rows do not stand in the order of time and count. */
  readonly #disordered = new Set<number>();
  #later = 0;
  #earlier = 0;

  get length(): number {
    return this.#offsets.length;
  }

  add({ offset, line, id, time, count }: IndexedRow): void {
    const row = this.length;
    this.#offsets.push(offset);
    this.#lines.push(line);
    this.#times.push(time);
    this.#counts.push(count);
    this.#ids.push(id === null ? NOTHING : this.#numberOf(id));
    if (id !== null) this.#compareWithLast(row);
  }

  /** The places of all rows. @param grouped whether the rows of an id must follow one another */
  *places({ grouped }: { grouped: boolean }): Generator<RowPlace> {
    const order = this.#order();
    if (grouped) order.sort((a, b) => this.#ids.at(a) - this.#ids.at(b));
    for (const row of order) yield { offset: this.#offsets.at(row), line: this.#lines.at(row) };
  }

  #numberOf(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    this.#numbers.set(id, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  #compareWithLast(row: number): void {
    const id = this.#ids.at(row);
    if (id < this.#last.length) {
      const difference = this.#times.at(row) - this.#times.at(this.#last.at(id));
      if (difference > 0) this.#later += 1;
      if (difference < 0) this.#earlier += 1;
      if (difference < 0 || (difference === 0 && this.#counts.at(row) < this.#counts.at(this.#last.at(id))))
        this.#disordered.add(id);
    }
    this.#last.set(id, row);
  }

  #order(): Uint32Array {
    const newestFirst = this.#earlier > this.#later;
    const slots = Uint32Array.from({ length: this.length }, (_, row) => row);
    if (newestFirst) slots.reverse();
    const rowsOf = new Map<number, number[]>();
    for (const row of slots) {
      const id = this.#ids.at(row);
      if (!newestFirst && !this.#disordered.has(id)) continue;
      const rows = rowsOf.get(id);
      if (rows) rows.push(row);
      else rowsOf.set(id, [row]);
    }
    for (const [id, rows] of rowsOf) if (id !== NOTHING) rowsOf.set(id, this.#inOrder(rows).reverse());
    // Each row comes where its file has one of the same id.
    return slots.map((row) => rowsOf.get(this.#ids.at(row))?.pop() ?? row);
  }

  #inOrder(rows: number[]): number[] {
    if (rows.every((row, at) => at === 0 || this.#counts.at(row) >= this.#counts.at(rows[at - 1] as number)))
      return rows;
    // A row without a time stays behind the one before it.
    const times = new Map<number, number>();
    let last = Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      const time = this.#times.at(row);
      if (!Number.isNaN(time)) last = time;
      times.set(row, last);
    }
    const by = (a: number, b: number): number =>
      (times.get(a) ?? 0) - (times.get(b) ?? 0) || this.#counts.at(a) - this.#counts.at(b) || 0;
    return rows.toSorted(by);
  }
}
