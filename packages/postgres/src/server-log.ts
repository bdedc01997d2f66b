import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Account } from './unprivileged.ts';

const LINES = 15;
/** A log that grew beyond this is put aside, so that at most two of them fill the disk. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/**
 * Settings that keep what people wrote out of the log. A violated constraint names its values in DETAIL, and a statement
 * carries its own; the desk's log has the error under its request id.
 */
export const LOG_SETTINGS = {
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  // Every five minutes a line that nobody reads.
  log_checkpoints: 'off',
};

/**
 * Opens the log to append to. It belongs to the account that runs PostgreSQL, so that the same account can go on
 * with it when nobody is root any more; never through a link, because root may be the one who opens it.
 */
export async function openLog(file: string, account: Account | undefined): Promise<FileHandle> {
  if ((await sizeOf(file)) > MAX_LOG_BYTES) await rename(file, `${file}.1`);
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
  const log = await open(file, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  if (account) await log.chown(account.uid, account.gid);
  return log;
}

/**
 * Puts aside what a running server has logged, once it is too long. PostgreSQL appends to a file that it was given open, so
 * the log is copied and emptied; lines that are written in between are lost. Neither file is reached through a link, because
 * root may trim what lies in a folder of the account that runs PostgreSQL.
 * @param max in bytes
 * @throws Error of the file system, also for a link
 */
export async function trimLog(file: string, max = MAX_LOG_BYTES): Promise<void> {
  const { O_RDWR, O_NOFOLLOW, O_CREAT, O_EXCL, O_WRONLY } = constants;
  const log = await open(file, O_RDWR | O_NOFOLLOW);
  try {
    const stats = await log.stat();
    if (!stats.isFile() || stats.size <= max) return;
    const aside = `${file}.1`;
    await rm(aside, { force: true });
    const kept = await open(aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    await pipeline(
      log.createReadStream({ start: 0, end: stats.size - 1, autoClose: false }),
      kept.createWriteStream(),
    );
    await log.truncate(0);
  } finally {
    await log.close();
  }
}

/** What was written to the log since it was `from` bytes long: its last lines, or a word when there are none. */
export async function lastLines(file: string, from = 0): Promise<string> {
  const start = Math.max(from, (await sizeOf(file)) - 16 * 1024);
  const log = await open(file, 'r').catch(() => undefined);
  if (!log) return '(there is no log)';
  try {
    const text = (await log.createReadStream({ start, autoClose: false }).toArray()).join('').trimEnd();
    return text.split('\n').slice(-LINES).join('\n') || '(the log is empty)';
  } finally {
    await log.close();
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
