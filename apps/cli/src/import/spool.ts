import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failures.ts';

const BLOCK_BYTES = 1024 * 1024;

/**
 * Bytes on disk that are written once and then read from anywhere, so that memory does not grow with them. The file has
 * no name once it is open: nothing of it stays, however the process ends.
 */
export class Spool {
  readonly #file: number;
  #size = 0;
  #block = Buffer.alloc(0);
  #blockAt = 0;

  private constructor(file: number) {
    this.#file = file;
  }

  /** @throws Failure when there is no place for it */
  static open(): Spool {
    const path = join(tmpdir(), `tocsin-import-${process.pid}-${process.hrtime.bigint()}`);
    return kept(() => {
      const file = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      return new Spool(file);
    });
  }

  get size(): number {
    return this.#size;
  }

  /** @throws Failure when the disk is full */
  write(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; ) {
      const written = kept(() => writeSync(this.#file, bytes, from, bytes.length - from, this.#size));
      from += written;
      this.#size += written;
    }
  }

  /** The place of a byte, from an offset on; -1 when it is not there before `end`. */
  indexOf(byte: number, from: number, end = this.#size): number {
    for (let at = from; at < end; at = this.#blockAt + this.#block.length) {
      const block = this.#load(at);
      const found = block.subarray(at - this.#blockAt, end - this.#blockAt).indexOf(byte);
      if (found >= 0) return at + found;
    }
    return -1;
  }

  /** The byte at an offset; undefined behind the last. */
  at(offset: number): number | undefined {
    return offset < this.#size ? this.#load(offset)[offset - this.#blockAt] : undefined;
  }

  text(from: number, end: number): string {
    if (from >= end) return '';
    const block = this.#load(from);
    if (end <= this.#blockAt + block.length)
      return block.toString('utf8', from - this.#blockAt, end - this.#blockAt);
    const bytes = Buffer.alloc(end - from);
    return bytes.toString('utf8', 0, readSync(this.#file, bytes, 0, bytes.length, from));
  }

  close(): void {
    closeSync(this.#file);
  }

  #load(offset: number): Buffer {
    if (offset >= this.#blockAt && offset < this.#blockAt + this.#block.length) return this.#block;
    const start = Math.floor(offset / BLOCK_BYTES) * BLOCK_BYTES;
    const block = Buffer.alloc(Math.min(BLOCK_BYTES, this.#size - start));
    readSync(this.#file, block, 0, block.length, start);
    this.#block = block;
    this.#blockAt = start;
    return block;
  }
}

function kept<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOSPC' ? 'the disk is full' : message;
    throw new Failure(
      `The file cannot be unpacked to ${tmpdir()}: ${why}. TMPDIR names another folder, with room for all of it.`,
    );
  }
}
