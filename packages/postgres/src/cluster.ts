import { access, lstat, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { errorCode, messageOf } from './errors.ts';
import { type Account, closedTo, giveTo, type Ids, isRoot } from './unprivileged.ts';

/** Where the parts of a cluster are. All paths are real: PostgreSQL and the checks on it compare them. */
export interface Place {
  folder: string;
  data: string;
  passwordFile: string;
  logFile: string;
}

/** What making or taking over a cluster needs to know. */
export interface Keeper {
  /** The folder that the caller named. */
  dir: string;
  /** Where the cluster goes when `account` cannot enter `dir`. */
  sharedDir: string;
  account: Account | undefined;
  binaries: Binaries;
  /** False skips initdb's wait for the disk, for those who said fsync=off. */
  sync: boolean;
  log: (text: string) => void;
}

/** The name below the caller's folder: the cluster itself, or a link to where it had to go. */
export const NAME = 'cluster';

/** The cluster that belongs to `dir`, if it was ever made; its owner decides who runs PostgreSQL. */
export async function findCluster(dir: string): Promise<{ place: Place; owner: Ids } | undefined> {
  const link = join(dir, NAME);
  if (!(await present(link))) return undefined;
  const place = placeOf(await target(link));
  try {
    await access(place.data);
    return { place, owner: await stat(place.data) };
  } catch (error) {
    throw new Error(`The database cluster in ${place.folder} cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function present(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
}

async function target(link: string): Promise<string> {
  try {
    return await realpath(link);
  } catch (error) {
    throw new Error(
      `${link} leads to a database cluster that is not there (${messageOf(error)}). Bring it back, or remove the link to begin with an empty one`,
      { cause: error },
    );
  }
}

/** Where the parts are when the cluster is in `folder`. */
export function placeOf(folder: string): Place {
  const at = (name: string) => join(folder, name);
  return { folder, data: at('data'), passwordFile: at('password'), logFile: at('postgres.log') };
}

/** The superuser's password. */
export async function readPassword({ passwordFile }: Place): Promise<string> {
  try {
    return (await readFile(passwordFile, 'utf8')).trim();
  } catch (error) {
    throw new Error(`The password of the database cluster cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Makes sure that these binaries, run as this account, can work with a cluster made earlier. */
export async function takeOver(place: Place, keeper: Keeper): Promise<void> {
  const closed = await closedTo(keeper.account, dirname(place.folder));
  if (closed !== undefined) {
    throw new Error(
      `PostgreSQL runs as ${keeper.account?.name}, which cannot enter ${closed}: open it (chmod o+x) or move ${place.folder}`,
    );
  }
  await checkVersion(place, keeper.binaries);
  if (isRoot() && (await stat(place.data)).uid === 0) await giveTo(keeper.account, place.folder);
}

async function checkVersion({ data }: Place, { version }: Binaries): Promise<void> {
  const made = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  const [major] = version.split('.');
  if (made === major) return;
  throw new Error(
    made === ''
      ? `${data} is not a PostgreSQL cluster: it has no readable PG_VERSION`
      : `${data} was made by PostgreSQL ${made} and this is PostgreSQL ${major}: dump and restore it with the old version`,
  );
}
