import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Keeper, NAME, type Place, placeOf } from './cluster.ts';
import { makeFolder, sharedFolder, sweepUnfinished, syncFolder, UNFINISHED } from './folders.ts';
import { initdb } from './initdb.ts';
import { withLock } from './lock.ts';
import { closedTo, giveTo } from './unprivileged.ts';

/** Makes a new cluster: whole or not at all, however this process ends. Call it under the lock of `dir`. */
export async function createCluster(keeper: Keeper): Promise<Place> {
  await sweepUnfinished(keeper.dir);
  keeper.log('creating the database cluster');
  const closed = await closedTo(keeper.account, keeper.dir);
  if (closed !== undefined) return createElsewhere(keeper, closed);
  const folder = join(await realpath(keeper.dir), NAME);
  await build(folder, keeper);
  return placeOf(folder);
}

/** For root with a closed home: the cluster goes where the account can reach it, and a link leads there. */
async function createElsewhere(keeper: Keeper, closed: string): Promise<Place> {
  const shared = await realpath(await sharedFolder(keeper.sharedDir));
  const parent = join(shared, 'clusters');
  await makeFolder(parent);
  const shut = await closedTo(keeper.account, parent);
  if (shut !== undefined) throw new Error(`${keeper.account?.name} can enter neither ${closed} nor ${shut}`);
  const folder = join(parent, await freshName(keeper, parent));
  keeper.log(
    `PostgreSQL runs as ${keeper.account?.name}, which cannot enter ${closed}: the data goes to ${folder}`,
  );
  await withLock(join(shared, 'lock'), async () => {
    await sweepUnfinished(parent);
    await build(folder, keeper);
  });
  await symlink(folder, join(keeper.dir, NAME));
  await syncFolder(keeper.dir);
  return placeOf(folder);
}

/**
 * A name that nobody else picks, and that tells whose cluster it is: removing the caller's folder removes the link
 * only, so its next cluster is the occasion to say where the old data still lies.
 */
async function freshName({ dir, log }: Keeper, parent: string): Promise<string> {
  const owner = createHash('sha256').update(dir).digest('hex').slice(0, 8);
  for (const name of await readdir(parent)) {
    if (name.startsWith(`${owner}-`)) log(`an earlier cluster of ${dir} is still in ${join(parent, name)}`);
  }
  return `${owner}-${randomBytes(4).toString('hex')}`;
}

/** Builds under another name beside `folder` and renames: nobody ever sees half a cluster under the real name. */
async function build(folder: string, { account, binaries, sync }: Keeper): Promise<void> {
  const parent = dirname(folder);
  const unfinished = placeOf(await mkdtemp(join(parent, UNFINISHED)));
  try {
    await writePassword(unfinished.passwordFile);
    await giveTo(account, unfinished.folder);
    await initdb(unfinished, { account, binaries, sync });
    await rename(unfinished.folder, folder);
    await syncFolder(parent);
  } catch (error) {
    await rm(unfinished.folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
    throw error;
  }
}

async function writePassword(path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
