import { DomainError, migrate } from '@tocsin/domain';
import type { Logger } from 'pino';

/** How soon a database that was away is looked for again; in milliseconds. */
const AGAIN_MS = 500;

/**
 * Brings the schema up to date: now, or, while the database is away, as soon as it is there.
 * @returns what gives up trying
 * @throws what a database that is there refuses: a wrong password, a name that it does not have
 */
export async function migrateWhenThere(url: string, log: Logger): Promise<() => void> {
  if (await tryMigrate(url, log)) return () => {};
  log.error('the database cannot be reached; serving without it, and trying on');
  let timer: NodeJS.Timeout;
  const again = async (): Promise<void> => {
    const done = await tryMigrate(url, log).catch((error: unknown) => {
      log.error({ err: error }, 'could not migrate; trying again');
      return false;
    });
    if (!done) timer = setTimeout(again, AGAIN_MS);
  };
  timer = setTimeout(again, AGAIN_MS);
  return () => clearTimeout(timer);
}

/** False while the database is away. */
async function tryMigrate(url: string, log: Logger): Promise<boolean> {
  try {
    const applied = await migrate(url);
    if (applied.length > 0) log.info({ applied }, 'migrated');
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'unavailable') return false;
    throw error;
  }
}
