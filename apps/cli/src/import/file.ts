import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { Failure } from '../failures.ts';
import type { SourceFile } from './source.ts';

/** How every zip with something in it begins. */
const ZIP_MARK = Buffer.from('PK\u0003\u0004', 'latin1');

/**
 * Opens a file, or the one CSV file in a zip; which of the two it is, its content says.
 * @throws Failure when it cannot be read
 */
export async function openSourceFile(path: string): Promise<SourceFile> {
  const { head, size } = await peek(path);
  return head.equals(ZIP_MARK) ? openZip(path) : counted(path, size, createReadStream(path));
}

const failures: Readonly<Record<string, string>> = {
  ENOENT: 'There is no file',
  ENOTDIR: 'There is no file',
  EACCES: 'You may not read',
  EPERM: 'You may not read',
};

async function peek(path: string): Promise<{ head: Buffer; size: number }> {
  try {
    await using file = await open(path);
    const stat = await file.stat();
    if (!stat.isFile()) throw new Failure(`${path} is not a file.`);
    if (stat.size === 0) throw new Failure(`${path} is empty.`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(ZIP_MARK.length), 0, ZIP_MARK.length, 0);
    return { head: buffer.subarray(0, bytesRead), size: stat.size };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw failures[code] ? new Failure(`${failures[code]} ${path}.`) : error;
  }
}

async function openZip(path: string): Promise<SourceFile> {
  try {
    const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
    const entry = await onlyCsv(path, zip);
    const content = await zip.openReadStreamPromise(entry);
    content.once('close', () => zip.close());
    return counted(path, entry.uncompressedSize, content);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${path} is a zip that cannot be read: ${String((error as Error).message)}.`);
  }
}

async function onlyCsv(path: string, zip: ZipFile): Promise<Entry> {
  const found: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (/\.csv$/i.test(entry.fileName) && !entry.fileName.startsWith('__MACOSX/')) found.push(entry);
  }
  const [first, second] = found;
  if (first && !second) return first;
  zip.close();
  throw new Failure(
    first
      ? `${path} holds ${found.length} CSV files: ${found.map(({ fileName }) => fileName).join(', ')}.\nUnpack it and import them one by one.`
      : `${path} holds no CSV file.`,
  );
}

function counted(path: string, size: number, source: Readable): SourceFile {
  let bytes = 0;
  const content = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  source.on('error', (error) => content.destroy(new Failure(`${path} cannot be read: ${error.message}.`)));
  content.once('close', () => source.destroy());
  return { path, size, content: source.pipe(content), bytesRead: () => bytes };
}
