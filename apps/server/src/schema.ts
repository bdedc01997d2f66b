import { DomainError, guards, isRefusedConnection, migrate, openDatabase } from '@tocsin/domain';
import type { Logger } from 'pino';

/** How soon a database that was away is looked for again; in milliseconds. */
const AGAIN_MS = 500;

/**
 * Brings the schema up to date: now, or, while the database is away or another account has to do it, as soon as it can be.
 * @returns what gives up trying
 * @throws what a database that is there refuses: a wrong password, a name that it does not have, database.unsupported
 */
export async function migrateWhenThere(url: string, log: Logger): Promise<() => void> {
  let reason = await tryMigrate(url, log);
  if (!reason) return () => {};
  log.error(
    { err: reason },
    'the schema cannot be brought up to date now; serving without it, and trying again',
  );
  let timer: NodeJS.Timeout;
  const again = async (): Promise<void> => {
    const next = await tryMigrate(url, log).catch((error: Error) => error);
    if (!next) return;
    // Twice a second the same line would hide all others.
    if (next.message !== reason?.message) log.error({ err: next }, 'could not migrate; trying again');
    reason = next;
    timer = setTimeout(again, AGAIN_MS);
  };
  timer = setTimeout(again, AGAIN_MS);
  return () => clearTimeout(timer);
}

/**
 * Says in the log what the database no longer refuses. The desk serves all the same: what was to be prevented may have
 * happened, and people need their tickets.
 */
async function reportBrokenGuards(url: string, log: Logger): Promise<void> {
  const db = openDatabase({ url, poolSize: 1 });
  try {
    const { broken, server } = await guards.inspect(db);
    for (const { what, remedy } of broken)
      log.error({ remedy }, `the database does not guard the history: ${what}`);
    if (!server.foldsLetters)
      log.warn(
        'the locale of the database knows no letters beyond ASCII: names and words are told apart by case',
      );
  } finally {
    await db.destroy();
  }
}

/** A database that starts, stops or has no place left lets servers in later. */
const isStarting = ({ code = '' }: { code?: string | undefined }): boolean => /^(57P|53)/.test(code);

/** Why it is not done, while the database is away, or while it is for another account to migrate it; null when it is. */
async function tryMigrate(url: string, log: Logger): Promise<Error | null> {
  try {
    const applied = await migrate(url);
    if (applied.length > 0) log.info({ applied }, 'migrated');
    await reportBrokenGuards(url, log);
    return null;
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind !== 'unavailable') throw error;
    const { cause } = error;
    if (isRefusedConnection(cause) && !isStarting(cause)) throw cause;
    return error;
  }
}
