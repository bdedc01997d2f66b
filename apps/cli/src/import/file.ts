import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, Readable, Transform } from 'node:stream';
import { crc32, createGunzip } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { Failure } from '../failures.ts';
import { list } from './list.ts';

/** How every zip with something in it begins, and every gzip. */
const ZIP_MARK = Buffer.from('PK\u0003\u0004', 'latin1');
const GZIP_MARK = Buffer.of(0x1f, 0x8b);

/** A log shrinks to a tenth or a thirtieth; what unpacks to more than this is made to fill a disk. */
const MAX_RATIO = 200;
/** So much is unpacked whatever it came from. */
const HARMLESS_BYTES = 64 * 1024 * 1024;

/** Bytes that come once. */
export interface OpenFile {
  /** As it is called in messages. */
  readonly path: string;
  /** @throws Failure when they cannot be read to their end */
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * Opens standard input, a file, or the one CSV file in a zip or gzip; which of them it is, its content says.
 * @throws Failure when it cannot be read
 */
export async function openFile(path: string): Promise<OpenFile> {
  if (path === '-') return unpacked('Standard input', process.stdin);
  const head = await peek(path);
  return head.equals(ZIP_MARK) ? openZip(path) : unpacked(path, createReadStream(path));
}

/** A file whose errors are told as what they mean for it. */
const told = (path: string, bytes: Readable, why: typeof whyNot): OpenFile => ({
  path,
  bytes: (async function* () {
    try {
      yield* bytes as AsyncIterable<Buffer>;
    } catch (error) {
      throw failureOf(error, why(path, error as Error));
    }
  })(),
});

const failures: Readonly<Record<string, string>> = {
  ENOENT: 'There is no file',
  ENOTDIR: 'There is no file',
  EACCES: 'You may not read',
  EPERM: 'You may not read',
};

async function peek(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const stat = await file.stat();
    if (stat.isDirectory()) throw new Failure(`${path} is not a file.`);
    // A pipe gives its bytes once, so nothing is read ahead of it.
    if (!stat.isFile()) return Buffer.alloc(0);
    if (stat.size === 0) throw new Failure(`${path} is empty.`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(ZIP_MARK.length), 0, ZIP_MARK.length, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw failures[code] ? new Failure(`${failures[code]} ${path}.`) : error;
  }
}

/** The bytes themselves, or what a gzip holds. */
async function unpacked(path: string, source: Readable): Promise<OpenFile> {
  try {
    const { head, whole } = await withHead(source);
    if (head.equals(ZIP_MARK))
      throw new Failure(`${path} is a zip, whose table stands at its end: give its path.`);
    if (!head.subarray(0, 2).equals(GZIP_MARK)) return told(path, whole, whyNot);
    const packed = new Count();
    const output = bounded(path, () => packed.bytes);
    // Whoever reads the output meets the error.
    pipeline(whole, packed, createGunzip(), output, () => {});
    return told(path, output, whyNot);
  } catch (error) {
    throw failureOf(error, whyNot(path, error as Error));
  }
}

/** The first bytes of a stream, and all of it. */
async function withHead(source: Readable): Promise<{ head: Buffer; whole: Readable }> {
  const rest = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  while (read.length < ZIP_MARK.length) {
    const { done, value } = await rest.next();
    if (done) break;
    read = Buffer.concat([read, value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    if (read.length > 0) yield read;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return { head: read.subarray(0, ZIP_MARK.length), whole: Readable.from(all(), { objectMode: false }) };
}

const failureOf = (error: unknown, why: string): Failure =>
  error instanceof Failure ? error : new Failure(why);

const whyNot = (path: string, error: Error & { code?: string }): string => {
  if (error.code === 'Z_BUF_ERROR') return `${path} is a gzip that ends too early; it was not copied whole.`;
  if (error.code?.startsWith('Z_')) return `${path} is a damaged gzip: ${error.message}.`;
  return `${path} cannot be read: ${error.message}.`;
};

/** Counts what passes. */
class Count extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}

/** Ends where far more comes out than went in. */
function bounded(path: string, packed: () => number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(isBomb(bytes, packed()) ? new Failure(bomb(path)) : null, chunk);
    },
  });
}

const isBomb = (unpackedBytes: number, packedBytes: number): boolean =>
  unpackedBytes > HARMLESS_BYTES && unpackedBytes > packedBytes * MAX_RATIO;
const bomb = (path: string): string =>
  `${path} unpacks to more than ${MAX_RATIO} times its size, as no log does. If it is one, unpack it yourself and import that.`;

async function openZip(path: string): Promise<OpenFile> {
  try {
    const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
    const entry = await onlyCsv(path, zip);
    const checked = checksummed(path, entry);
    pipeline(await zip.openReadStreamPromise(entry), checked, () => zip.close());
    return told(path, checked, damaged);
  } catch (error) {
    throw failureOf(error, damaged(path, error as Error));
  }
}

function damaged(path: string, error: Error): string {
  const cut = /end of central directory|unexpected end|unexpected EOF/i.test(error.message);
  return cut
    ? `${path} is a zip that ends too early; it was not copied whole (${error.message}).`
    : `${path} is a zip that cannot be read: ${error.message}.`;
}

async function onlyCsv(path: string, zip: ZipFile): Promise<Entry> {
  const found: Entry[] = [];
  let isWorkbook = false;
  for await (const entry of zip.eachEntry()) {
    if (/\.(csv|tsv|txt)$/i.test(entry.fileName) && !entry.fileName.startsWith('__MACOSX/'))
      found.push(entry);
    isWorkbook ||= entry.fileName.startsWith('xl/');
  }
  const csv = found.filter(({ fileName }) => /\.csv$/i.test(fileName));
  const [first, second] = csv.length > 0 ? csv : found.filter(({ fileName }) => /\.tsv$/i.test(fileName));
  if (first && !second) return readable(path, first);
  zip.close();
  if (first)
    throw new Failure(
      `${path} holds ${csv.length} CSV files: ${list(csv.map(({ fileName }) => fileName))}.\nUnpack it and import them one by one.`,
    );
  const hint = isWorkbook ? ' It is a workbook: save its sheet as CSV (UTF-8), and import that.' : '';
  throw new Failure(`${path} holds no CSV file.${hint}`);
}

function readable(path: string, entry: Entry): Entry {
  const { fileName, uncompressedSize, compressedSize } = entry;
  if (entry.isEncrypted())
    throw new Failure(`${path} is encrypted; unpack it with its password, and import ${fileName}.`);
  if (isBomb(uncompressedSize, compressedSize)) throw new Failure(bomb(path));
  return entry;
}

/** Passes bytes on, and fails at their end when they are not those that were packed. */
function checksummed(path: string, { crc32: expected, fileName }: Entry): Transform {
  let sum = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
    flush(done) {
      const wrong = sum !== expected >>> 0;
      done(
        wrong
          ? new Failure(`${path} is damaged: the checksum of ${fileName} is wrong. Nothing was sent.`)
          : null,
      );
    },
  });
}
