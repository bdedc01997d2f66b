import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import type { Account } from './unprivileged.ts';

const LINES = 15;
/** A log that grew beyond this is put aside at the next start, so that at most two of them fill the disk. */
const TOO_LONG = 10 * 1024 * 1024;

/**
 * Opens the log to append to. It belongs to the account that runs PostgreSQL, so that the same account can go on
 * with it when nobody is root any more; never through a link, because root may be the one who opens it.
 */
export async function openLog(file: string, account: Account | undefined): Promise<FileHandle> {
  if ((await sizeOf(file)) > TOO_LONG) await rename(file, `${file}.1`);
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
  const log = await open(file, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  if (account) await log.chown(account.uid, account.gid);
  return log;
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
