import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

const NEWLINE = 0x0a;

/** What went through. */
export interface Measure {
  readonly bytes: number;
  readonly rows: number;
  readonly sha256: string;
}

/** Measures what goes through it: bytes, digest, and line ends, of which COPY's text format has one a row. */
export class Meter extends Transform {
  readonly #hash = createHash('sha256');
  readonly #onBytes: (count: number) => void;
  #bytes = 0;
  #rows = 0;

  /** @param onBytes told of each piece's size */
  constructor(onBytes: (count: number) => void = () => {}) {
    super();
    this.#onBytes = onBytes;
  }

  /** Of all that went through; to be read once, when the writing side has finished. */
  measure(): Measure {
    return { bytes: this.#bytes, rows: this.#rows, sha256: this.#hash.digest('hex') };
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) this.#rows += 1;
    this.#onBytes(chunk.length);
    done(null, chunk);
  }
}
