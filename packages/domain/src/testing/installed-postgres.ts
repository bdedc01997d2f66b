import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';
import { openDatabase } from '../core/index.ts';
import { freePort } from './free-port.ts';

const folderOf = (major: number): string => `/usr/lib/postgresql/${major}/bin`;

/** Whether Debian's package of this PostgreSQL is installed: `apt-get install postgresql-15`. */
export const isInstalled = (major: number): boolean => existsSync(join(folderOf(major), 'initdb'));

/** PostgreSQL refuses to run as root; Debian's package makes an account for it. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (what: string): number => Number(execFileSync('id', [what, 'postgres']));
  return { uid: id('-u'), gid: id('-g') };
}

/** Starts a PostgreSQL of Debian for the tests of one file. @returns its address, for its superuser */
export async function installedPostgres(major: number): Promise<string> {
  const { uid, gid } = account();
  const folder = mkdtempSync(join(tmpdir(), `tocsin-postgresql-${major}-`));
  chmodSync(folder, 0o700);
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  const owner = uid === undefined ? {} : { uid, gid };
  const data = join(folder, 'data');
  execFileSync(
    join(folderOf(major), 'initdb'),
    ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--auth=trust', '--no-sync'],
    { ...owner, cwd: folder, stdio: 'ignore' },
  );
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, fsync: 'off' };
  const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(folderOf(major), 'postgres'), ['-D', data, ...parameters], {
    ...owner,
    cwd: folder,
    stdio: 'ignore',
  });
  afterAll(async () => {
    server.kill('SIGINT');
    if (server.exitCode === null) await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await vi.waitFor(() => answer(url), { timeout: 30_000 });
  return url;
}

async function answer(url: string): Promise<void> {
  const db = openDatabase({ url, poolSize: 1 });
  try {
    await db.raw('select 1');
  } finally {
    await db.destroy();
  }
}
