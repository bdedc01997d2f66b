import { chmod, lchown, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** An ordinary account of this machine: PostgreSQL refuses to run as root. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** The two numbers of an account, or of the owner of a file. */
export type Ids = Pick<Account, 'uid' | 'gid'>;

/** True when this process is root and has to hand PostgreSQL to somebody else. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Under which account PostgreSQL runs; `undefined` when it simply runs as this process does.
 * Whoever owns the data keeps it: another account could not read the files.
 */
export async function chooseAccount(owner: Ids | undefined): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const accounts = await readAccounts();
  if (owner && owner.uid !== 0) {
    return accounts.find(({ uid }) => uid === owner.uid) ?? { ...owner, name: `uid ${owner.uid}` };
  }
  const named = (name: string) => accounts.find((one) => one.name === name && one.uid !== 0);
  const account = named('postgres') ?? named('nobody');
  if (account) return account;
  throw new Error(
    'PostgreSQL refuses to run as root, and /etc/passwd has neither "postgres" nor "nobody": start as an ordinary user',
  );
}

async function readAccounts(): Promise<Account[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (!name || !uid || !gid) return [];
    // macOS writes nobody's id as -2, while stat() and chown() speak of the same id without a sign.
    return [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }];
  });
}

/** The part of spawn's options that makes a child run as `account`; Node drops root's other groups as well. */
export function runAs(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid | 0, gid: account.gid | 0 } : {};
}

/**
 * The first place on the real way to `path` that `account` cannot enter (for a program: execute), or `undefined`
 * when the way is open. Only the classic permission bits count: an access list may allow more, and costs a copy.
 */
export async function closedTo(account: Account | undefined, path: string): Promise<string | undefined> {
  if (!account) return undefined;
  let closed: string | undefined;
  for (let at = await realpath(path); ; at = dirname(at)) {
    if (!(await mayExecute(account, at))) closed = at;
    if (at === dirname(at)) return closed;
  }
}

async function mayExecute({ uid, gid }: Ids, path: string): Promise<boolean> {
  const entry = await stat(path);
  const shift = entry.uid === uid ? 6 : entry.gid === gid ? 3 : 0;
  return ((entry.mode >> shift) & 1) === 1;
}

/** Gives `path` and all below it to `account`. Links themselves change hands, never what they point to. */
export async function giveTo(account: Account | undefined, path: string): Promise<void> {
  if (!account) return;
  await lchown(path, account.uid, account.gid);
  for (const entry of await readdir(path, { recursive: true })) {
    await lchown(join(path, entry), account.uid, account.gid);
  }
}

/** Lets everybody enter the folders from `first` down to `last`, whatever the umask said when they were made. */
export async function openWay(first: string, last: string): Promise<void> {
  for (let at = last; at.length >= first.length; at = dirname(at)) await chmod(at, 0o755);
}
