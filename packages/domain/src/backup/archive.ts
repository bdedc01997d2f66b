import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { type Measure, Meter } from './meter.ts';

/** Puts one more file into the zip. @returns what was read of it, when all of it was */
export type AddEntry = (name: string, content: Readable) => Promise<Measure>;

export interface ArchiveTarget {
  readonly sink: Writable;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: (count: number) => void;
}

/**
 * Writes a zip as a stream, one entry after the other.
 * @param fill adds the entries; where writing fails, what it reads is cut off
 * @returns size and digest of the zip
 */
export async function writeArchive(
  { sink, signal, onBytes }: ArchiveTarget,
  fill: (add: AddEntry) => Promise<void>,
): Promise<Measure> {
  const zip = new ZipFile();
  const failing = new AbortController();
  const failed = signal ? AbortSignal.any([signal, failing.signal]) : failing.signal;
  const orStop = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error) => {
      failing.abort(error);
      throw error;
    });
  const add: AddEntry = async (name, content) => {
    const meter = new Meter(onBytes);
    zip.addReadStream(meter, name, { mode: 0o100600 });
    await pipeline(content, meter, { signal: failed });
    return meter.measure();
  };
  const whole = new Meter();
  const writing = orStop(pipeline(zip.outputStream, whole, sink, { signal: failed }));
  const filling = orStop(fill(add).then(() => zip.end()));
  await settle([writing, filling]);
  return whole.measure();
}

/** Waits for all of them, so that nobody works on when it is said that it failed; throws what failed first. */
async function settle(works: readonly Promise<unknown>[]): Promise<void> {
  const all = Promise.all(works);
  await Promise.allSettled(works);
  await all;
}
