import { closeSync, constants, fchmodSync, fstatSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { errorCode } from './errors.ts';
import { until } from './waiting.ts';

/** Longer than the slowest thing done under a lock (a start that waits for crash recovery). */
const MAX_WAIT_MS = 120_000;
const SQLITE_BUSY = 5;

/**
 * Runs `work` while no other process (or other call in this one) holds the lock on `file`.
 *
 * Node has no file locks of its own, SQLite does: an exclusive transaction on an empty database is a lock of the
 * kernel. It disappears with its holder, also after `kill -9`, so a lock can never be left behind and nobody has
 * to guess from process ids whether one is stale. Children do not inherit it.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const held = await until(MAX_WAIT_MS, async () => tryLock(file));
  if (!held) throw new Error(`${file} has been locked by another process for ${MAX_WAIT_MS / 1000} s`);
  try {
    return await work();
  } finally {
    held.close();
  }
}

/** Held until it is closed, or its process is gone. */
export interface HeldLock {
  close(): void;
}

/** Takes the lock on `file` if nobody has it; undefined when somebody has. */
export function tryLock(file: string): HeldLock | undefined {
  const database = openLockFile(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (errorCode(error, 'errcode') === SQLITE_BUSY) return undefined;
    throw new Error(`Cannot lock ${file}: ${String(error)}`, { cause: error });
  }
}

function openLockFile(file: string): DatabaseSync {
  try {
    keepPrivate(file);
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw new Error(`Cannot write ${file}: this account needs a folder of its own here (${String(error)})`, {
      cause: error,
    });
  }
}

/**
 * Makes a lock file that no other account can open: one that may read it could hold the lock for good.
 * @throws Error for a link, and for a file of another account
 */
function keepPrivate(file: string): void {
  const { O_CREAT, O_RDWR, O_NOFOLLOW } = constants;
  const descriptor = openSync(file, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600);
  try {
    const { uid, mode } = fstatSync(descriptor);
    const own = process.getuid?.();
    if (uid !== own && own !== 0) throw new Error(`it belongs to another account (uid ${uid})`);
    if ((mode & 0o077) !== 0) fchmodSync(descriptor, 0o600);
  } finally {
    closeSync(descriptor);
  }
}
