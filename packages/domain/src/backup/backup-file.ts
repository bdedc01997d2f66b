import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { DomainError } from '../core/index.ts';
import { backupDamaged, backupUnreachable, notABackup } from './errors.ts';
import { entryName, MANIFEST_NAME, type Manifest, parseManifest, type TableEntry } from './manifest.ts';
import { Meter } from './meter.ts';
import type { Tally } from './progress.ts';

/** A manifest is a few kilobytes; one of gigabytes is there to do harm. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** A backup that is read. Nothing of it is believed before its checksum is right. */
export class BackupFile {
  readonly path: string;
  readonly manifest: Manifest;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(path: string, zip: OpenedZip, manifest: Manifest) {
    this.path = path;
    this.manifest = manifest;
    this.#zip = zip.zip;
    this.#entries = zip.entries;
  }

  /**
   * Opens a backup and reads its manifest.
   * @throws backup.unreachable, backup.not_a_backup, backup.damaged, backup.too_new
   */
  static async open(path: string): Promise<BackupFile> {
    const opened = await openZip(path);
    try {
      return new BackupFile(path, opened, await readManifest(path, opened));
    } catch (error) {
      opened.zip.close();
      throw asDamage(path, error);
    }
  }

  /** Bytes of all rows, unpacked. */
  get bytes(): number {
    return this.manifest.tables.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Reads all of it, and keeps nothing. @throws backup.damaged */
  async verify(tally: Tally): Promise<void> {
    for (const table of this.manifest.tables) {
      tally.begin(`checking ${table.name}`);
      await this.#pour(table, nowhere(), tally);
    }
  }

  /** Writes the rows of a table into `sink`. @throws backup.damaged when they are others than were written */
  async load(table: TableEntry, sink: Writable, tally: Tally): Promise<void> {
    tally.begin(`loading ${table.name}`);
    await this.#pour(table, sink, tally);
  }

  /** The SHA-256 of the whole file, as it was told when it was written. */
  async digest(): Promise<string> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(this.path), hash);
    return hash.digest('hex');
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#zip.close();
    return Promise.resolve();
  }

  async #pour(table: TableEntry, sink: Writable, tally: Tally): Promise<void> {
    const meter = new Meter(tally.add);
    await pipeline(this.#contentOf(table), meter, sink);
    const { bytes, rows, sha256 } = meter.measure();
    if (bytes !== table.bytes || rows !== table.rows || sha256 !== table.sha256)
      throw backupDamaged(this.path, `${table.name} is not as it was written`);
  }

  /** What goes wrong in here is the file's fault, not that of whoever takes the rows. */
  async *#contentOf({ name, bytes }: TableEntry): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(entryName(name));
    if (!entry) throw backupDamaged(this.path, `${name} is missing`);
    let left = bytes;
    try {
      for await (const chunk of await this.#zip.openReadStreamPromise(entry)) {
        left -= chunk.length;
        if (left < 0) throw backupDamaged(this.path, `${name} is longer than it was written`);
        yield chunk;
      }
    } catch (error) {
      throw asDamage(this.path, error);
    }
  }
}

interface OpenedZip {
  readonly zip: ZipFile;
  readonly entries: ReadonlyMap<string, Entry>;
}

async function openZip(path: string): Promise<OpenedZip> {
  const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false }).catch((error) => {
    throw isOfSystem(error)
      ? backupUnreachable(path, error.message)
      : notABackup(path, `it is cut off, or something else (${error.message})`);
  });
  try {
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    return { zip, entries };
  } catch (error) {
    zip.close();
    throw asDamage(path, error);
  }
}

async function readManifest(path: string, { zip, entries }: OpenedZip): Promise<Manifest> {
  const entry = entries.get(MANIFEST_NAME);
  if (!entry) throw notABackup(path, `it has no ${MANIFEST_NAME}`);
  if (entry.uncompressedSize > MAX_MANIFEST_BYTES) throw notABackup(path, `its ${MANIFEST_NAME} is too long`);
  const bytes = await buffer(await zip.openReadStreamPromise(entry));
  // The one entry whose digest stands nowhere else.
  if (crc32(bytes) !== entry.crc32) throw backupDamaged(path, `${MANIFEST_NAME} is not as it was written`);
  return parseManifest(bytes.toString('utf8'), path);
}

const isOfSystem = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;

function asDamage(path: string, error: unknown): unknown {
  if (error instanceof DomainError) return error;
  if (isOfSystem(error)) return backupUnreachable(path, error.message);
  return backupDamaged(path, error instanceof Error ? error.message : String(error));
}
