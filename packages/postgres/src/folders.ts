import { access, constants, lstat, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode } from './errors.ts';
import { isRoot, openWay } from './unprivileged.ts';

/** What is being made carries this prefix, and is renamed when it is whole. */
export const UNFINISHED = 'new-';

/** Makes a folder and what is missing above it; what root makes, the account that runs PostgreSQL can pass. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first !== undefined && isRoot()) await openWay(first, path);
}

/**
 * Removes what makers left unfinished in `parent`. Call it under the lock that every maker there holds: then whoever
 * began these is gone. An initdb that outlived its killed parent may still be writing: what resists stays until the next time.
 */
export async function sweepUnfinished(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(UNFINISHED)) continue;
    await rm(join(parent, name), { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

/** Makes the names in a folder survive a power cut: without it a rename may be forgotten. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

/**
 * A folder outside anybody's home, for what an ordinary account must reach: `wanted`, or one below the temporary
 * folder when that cannot be made. Programs are run from it and data kept in it, so one that somebody else owns
 * or may write is never used.
 */
export async function sharedFolder(wanted: string): Promise<string> {
  const fallback = join(tmpdir(), `embedded-postgres-${process.getuid?.() ?? 'user'}`);
  for (const folder of [wanted, fallback]) if (await isOurs(folder)) return folder;
  throw new Error(`Neither ${wanted} nor ${fallback} can be made and kept by this account alone`);
}

async function isOurs(folder: string): Promise<boolean> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(String(errorCode(error)))) return false;
    throw error;
  }
  // The link counts as well as what it leads to: in the temporary folder anybody could have put one.
  const { uid, mode } = await stat(folder);
  const owners = [uid, (await lstat(folder)).uid];
  return owners.every((owner) => owner === process.getuid?.()) && (mode & 0o022) === 0;
}
