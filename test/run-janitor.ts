import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until the run that started this process is over (its end of the pipe closes, however it died), then ends every
 * process that has the run's folder as `TMPDIR` or in its arguments, and removes the folder.
 */
const [folder = ''] = process.argv.slice(2);

/** A file that the kernel keeps of a process: its arguments or its environment, divided by NUL. */
function partsOf(pid: number, file: 'cmdline' | 'environ'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** PostgreSQL is started without the environment of the run, but names its folder. */
const isOfRun = (pid: number): boolean =>
  partsOf(pid, 'environ').includes(`TMPDIR=${folder}`) ||
  partsOf(pid, 'cmdline').some((part) => part === folder || part.startsWith(`${folder}/`));

/** Processes of the run that are still there; on other systems than Linux none is known. */
function leftBehind(): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => pid !== process.pid && isOfRun(pid));
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

/** At SIGQUIT PostgreSQL stops at once and gives its shared memory back, which at SIGKILL it cannot. */
async function cleanUp(): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const pids = process.platform === 'linux' ? leftBehind() : [];
    for (const pid of pids) end(pid, tries < 30 ? 'SIGQUIT' : 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    if (pids.length === 0) return;
    await pause(100);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stdin.on('close', () => void cleanUp()).resume();
