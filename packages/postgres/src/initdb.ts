import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Binaries } from './binaries.ts';
import { messageOf } from './errors.ts';
import { type Account, runAs } from './unprivileged.ts';

/** How to run initdb. */
export interface InitdbOptions {
  account: Account | undefined;
  binaries: Binaries;
  sync: boolean;
}

/** Fills `data` with a cluster whose superuser `postgres` has the password in `passwordFile`. */
export async function initdb(
  { folder, data, passwordFile }: { folder: string; data: string; passwordFile: string },
  { account, binaries, sync }: InitdbOptions,
): Promise<void> {
  const args = ['-D', data, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  // C.UTF-8 is PostgreSQL's own: no text index breaks when the machine's C library changes its sorting.
  args.push(
    '-E',
    'UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
  );
  if (!sync) args.push('--no-sync');
  const program = join(binaries.folder, 'bin', 'initdb');
  const child = spawn(program, args, {
    cwd: folder,
    env: childEnvironment(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...runAs(account),
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(program, account, error)));
    child.once('close', (code, signal) => resolve(signal ?? String(code)));
  });
  const [end, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (end !== '0') throw new Error(`initdb ended with ${end}:\n${out}${err}`.trimEnd());
}

/**
 * All that a child of ours sees of the environment. Nothing of the caller's comes through: its PGPORT, locale or time
 * zone would end up in the cluster for ever.
 */
export function childEnvironment(home: string): Record<string, string> {
  return { HOME: home, LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };
}

/** Why a program of PostgreSQL did not even begin. */
export function cannotRun(program: string, account: Account | undefined, error: unknown): Error {
  const who = account ? ` as ${account.name} (${account.uid}:${account.gid})` : '';
  return new Error(`Cannot run ${program}${who}: ${messageOf(error)}`, { cause: error });
}
