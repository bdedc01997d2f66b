import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** A file or folder of the desk that another account may have written. */
export class UntrustedFile extends Error {
  override readonly name = 'UntrustedFile';
}

/**
 * Reads a file that only this account, or root, can have written.
 * @returns its text, or null when there is none or it is not ours to read
 * @throws UntrustedFile for a link, for a file of another account, and for one that others may read or write
 */
export function readOwnFile(file: string): string | null {
  const descriptor = openOwn(file);
  if (descriptor === null) return null;
  try {
    checkOwner(file, fstatSync(descriptor));
    return readFileSync(descriptor, 'utf8').trim() || null;
  } finally {
    closeSync(descriptor);
  }
}

function openOwn(file: string): number | null {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP')
      throw new UntrustedFile(`${file} is a symbolic link, which another account may have made.\nRemove it.`);
    return null;
  }
}

interface Owned {
  readonly uid: number;
  readonly mode: number;
  isFile(): boolean;
}

function checkOwner(file: string, stats: Owned): void {
  const { uid, mode } = stats;
  if (!stats.isFile()) throw new UntrustedFile(`${file} is not a regular file.\nRemove it.`);
  if (uid !== process.getuid?.() && uid !== 0)
    throw new UntrustedFile(
      `${file} belongs to another account (uid ${uid}), so what it says is not believed.\nRun this command as that account, or remove the file.`,
    );
  if ((mode & 0o077) !== 0)
    throw new UntrustedFile(`Other accounts may read or write ${file}.\nRun: chmod 600 ${file}`);
}
