import { randomBytes } from 'node:crypto';
import { lstatSync, type Stats } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import { DomainError } from '../core/index.ts';
import { backupExists, backupUnreachable, notAFile } from './errors.ts';

export interface DraftOptions {
  readonly file: string;
  /** Whether it may take the place of a file that is there. */
  readonly overwrite: boolean;
}

/**
 * A file that comes to be whole or not at all: it is written beside its place under another name, for its owner's eyes
 * only, and takes the place when it is on the disk.
 */
export class Draft {
  readonly #handle: FileHandle;
  readonly #options: DraftOptions;
  readonly #path: string;

  private constructor(handle: FileHandle, path: string, options: DraftOptions) {
    this.#handle = handle;
    this.#path = path;
    this.#options = options;
  }

  /** @throws backup.file_exists, backup.not_a_file, backup.unreachable */
  static async open(options: DraftOptions): Promise<Draft> {
    const path = `${options.file}.${randomBytes(4).toString('hex')}.part`;
    try {
      refuseTaken(options);
      return new Draft(await open(path, 'wx', 0o600), path, options);
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw backupUnreachable(options.file, (error as Error).message);
    }
  }

  /** Takes what is to stand in it; leaves it open. */
  sink(): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => void this.#handle.appendFile(chunk).then(() => done(), done),
    });
  }

  /** Puts it in its place. @throws backup.file_exists when somebody else was quicker */
  async keep(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
    refuseTaken(this.#options);
    await rename(this.#path, this.#options.file);
    await syncFolder(dirname(this.#options.file));
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#path, { force: true });
  }
}

/** A link is not followed: what it leads to was not named. */
function refuseTaken({ file, overwrite }: DraftOptions): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isFile()) throw notAFile(file, kindOf(found));
  if (!overwrite) throw backupExists(file);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isBlockDevice() || found.isCharacterDevice()) return 'a device';
  return found.isFIFO() ? 'a pipe' : 'a socket';
}

/** Without it a power cut could forget the new name. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path);
  await folder.sync();
}
