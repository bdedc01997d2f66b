import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Whether `pid` is a living postmaster of the cluster in `data`, and not some other process that got the same number:
 * after a restart of a container numbers repeat almost at once. A process that is dead but not yet collected by its
 * parent counts as gone; signals would still find it, for ever in a container whose first process collects nobody.
 */
export async function isPostmasterOf(data: string, pid: number): Promise<boolean> {
  return process.platform === 'linux' ? askProc(data, pid) : askPs(data, pid);
}

async function askProc(data: string, pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, name, state] = /\((.*)\) (\S)/s.exec(stat) ?? [];
  if (name !== 'postgres' || state === 'Z' || state === 'X') return false;
  // A postmaster works inside its data folder. Where that may not be looked at, believe the name: taking a foreign
  // process for ours ends in an error, taking ours for foreign would start a second one.
  return (await readlink(`/proc/${pid}/cwd`).catch(() => data)) === data;
}

async function askPs(data: string, pid: number): Promise<boolean> {
  const ps = promisify(execFile)('ps', ['-ww', '-o', 'stat=,command=', '-p', String(pid)]);
  const { stdout } = await ps.catch(() => ({ stdout: '' }));
  return !stdout.startsWith('Z') && /\bpostgres\b/.test(stdout) && stdout.includes(data);
}
