import type { Spool } from './spool.ts';

const CR = 0x0d;
const LF = 0x0a;

/** Writes lines that end in CR LF, LF or CR with LF alone; a CR by itself ends lines only where it ends the first one. */
export class Lines {
  readonly #spool: Spool;
  /** Ended so far. */
  count = 0;
  #heldCr = false;
  #endsInCr: boolean | null = null;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const whole = this.#heldCr ? Buffer.concat([Buffer.of(CR), bytes]) : bytes;
    this.#heldCr = whole.at(-1) === CR;
    this.#write(this.#heldCr ? whole.subarray(0, -1) : whole);
  }

  end(): void {
    if (this.#heldCr) this.#write(Buffer.of(this.#endsInCr === false ? CR : LF));
  }

  #write(bytes: Buffer): void {
    const text = this.#unixLines(bytes);
    for (let at = text.indexOf(LF); at >= 0; at = text.indexOf(LF, at + 1)) this.count += 1;
    this.#spool.write(text);
  }

  #unixLines(bytes: Buffer): Buffer {
    const first = bytes.indexOf(CR);
    if (this.#endsInCr === null) {
      const lf = bytes.indexOf(LF);
      if (first < 0 && lf < 0) return bytes;
      this.#endsInCr = first >= 0 && (lf < 0 || first < lf) && bytes[first + 1] !== LF;
    }
    if (first < 0) return bytes;
    const parts: Buffer[] = [];
    let from = 0;
    for (let at = first; at >= 0; at = bytes.indexOf(CR, at + 1)) {
      const isEnd = bytes[at + 1] === LF;
      if (!isEnd && !this.#endsInCr) continue;
      parts.push(bytes.subarray(from, at));
      if (!isEnd) parts.push(Buffer.of(LF));
      from = at + 1;
    }
    return Buffer.concat([...parts, bytes.subarray(from)]);
  }
}
