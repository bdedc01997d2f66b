import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statfsSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Memory as a folder, on Linux. */
const MEMORY = '/dev/shm';
/** What must be free there: the databases of a run take less than half of it at any time. */
const MIN_FREE_BYTES = 8 * 2 ** 30;

function inMemory(): string | null {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= MIN_FREE_BYTES ? MEMORY : null;
  } catch {
    return null;
  }
}

/**
 * Makes the folder that all temporary folders of this run lie in: `TMPDIR` from now on. It lies in memory where there is
 * room: a database is cloned ten times faster there. `TOCSIN_TEST_DISK` names the folder for what is installed.
 *
 * A process of its own removes it, with every process that the run left, when it is closed or this process dies.
 */
export async function openRunFolder(): Promise<{ readonly path: string; close(): Promise<void> }> {
  const disk = tmpdir();
  const path = await mkdtemp(join(inMemory() ?? disk, 'tocsin-test-'));
  // As root PostgreSQL runs under another account, which must be able to pass through.
  await chmod(path, 0o711);
  const janitor = spawn(process.execPath, [join(import.meta.dirname, 'run-janitor.ts'), path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const gone = once(janitor, 'exit');
  janitor.unref();
  process.env.TOCSIN_TEST_DISK = disk;
  process.env.TMPDIR = path;
  const close = async (): Promise<void> => {
    janitor.stdin.end();
    await gone;
  };
  return { path, close };
}
