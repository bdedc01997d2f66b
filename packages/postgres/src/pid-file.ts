import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './errors.ts';
import { isPostmasterOf } from './process-state.ts';
import { until } from './waiting.ts';

/** What a postmaster has written about itself. */
export interface Recorded {
  pid: number;
  port: number;
  /** True from when it accepts connections until it begins to stop. */
  ready: boolean;
}

/** PostgreSQL creates postmaster.pid empty and fills it at once; one that stays empty is what a full disk left, and blocks every start. */
const FILL_MS = 1_000;

/** The living postmaster of the cluster in `data`; `undefined` also when postmaster.pid speaks of the dead. */
export async function livingPostmaster(data: string): Promise<Recorded | undefined> {
  const recorded = await readPidFile(data);
  return recorded && (await isPostmasterOf(data, recorded.pid)) ? recorded : undefined;
}

/** What postmaster.pid says, living or dead; `undefined` when there is nothing to read. */
export async function readPidFile(data: string): Promise<Recorded | undefined> {
  const file = join(data, 'postmaster.pid');
  const text = await until(FILL_MS, async () => (await readIfThere(file)) || undefined);
  if (text === undefined) await rm(file, { force: true });
  const lines = (text ?? '').split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!pid) return undefined;
  return { pid, port, ready: port > 0 && /^(ready|standby)/.test(lines[7] ?? '') };
}

async function readIfThere(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') return 'missing';
    throw error;
  });
}
