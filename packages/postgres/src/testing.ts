import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCluster } from './cluster.ts';
import { withClient } from './connection.ts';
import { type Cluster, type ClusterOptions, openCluster } from './index.ts';
import { livingPostmaster } from './pid-file.ts';
import { stopPostmaster } from './postmaster.ts';
import { until } from './waiting.ts';

/** Side by side, and patient: initdb and a start take a second here, and many on a machine that is busy with other tests. */
export const SIDE_BY_SIDE = { concurrent: true, timeout: 30_000 };

/** Nothing in these tests has to survive a power cut. */
const QUICK = { fsync: 'off', shared_buffers: '16MB' };

/** Folders, servers and other processes of one test, and the way to leave none of them behind. */
export class Bench {
  readonly #folders: string[] = [];
  readonly #clusters: Cluster[] = [];
  readonly #processes: ChildProcess[] = [];
  readonly #opened: string[] = [];

  /** A new folder that PostgreSQL's account can enter, and a desk in it that does not exist yet. */
  async folder(mode = 0o755): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'postgres-test-'));
    this.#folders.push(folder);
    await chmod(folder, mode);
    return folder;
  }

  async open(dir: string, more: Partial<ClusterOptions> = {}): Promise<Cluster> {
    const cluster = await openCluster({ dir, settings: QUICK, ...more });
    this.#clusters.push(cluster);
    return cluster;
  }

  /** A process of its own that opens the cluster, says so in one line of JSON, and stays. */
  opener(dir: string): ChildProcess {
    this.#opened.push(dir);
    const door = fileURLToPath(new URL('./index.ts', import.meta.url));
    const script = `import { openCluster } from ${JSON.stringify(door)};
      const { started, pid, url } = await openCluster(${JSON.stringify({ dir, settings: QUICK })});
      console.log(JSON.stringify({ started, pid, url }));
      setInterval(() => undefined, 60_000);`;
    const args = ['--input-type=module', '-e', script];
    return this.run(process.execPath, args);
  }

  /** Starts a process in a group of its own; it is killed when the test is over. */
  run(program: string, args: string[], owner: { uid?: number; gid?: number } = {}): ChildProcess {
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const child = spawn(program, args, { stdio: [...stdio], detached: true, ...owner });
    this.#processes.push(child);
    return child;
  }

  async clean(): Promise<void> {
    for (const child of this.#processes.splice(0)) await end(child);
    for (const cluster of this.#clusters.splice(0)) await cluster.stop();
    for (const dir of this.#opened.splice(0)) await stopServerOf(dir);
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, maxRetries: 5 });
  }
}

/** Stops the server that a killed opener has left behind, as far as it got. */
async function stopServerOf(dir: string): Promise<void> {
  const found = await findCluster(dir).catch(() => undefined);
  const postmaster = found && (await livingPostmaster(found.place.data));
  if (found && postmaster) await stopPostmaster(found.place, postmaster);
}

/** A bench for one test, which cleans up when the test is over, however it ends. */
export function benchFor(context: { onTestFinished: (clean: () => Promise<void>) => void }): Bench {
  const bench = new Bench();
  context.onTestFinished(() => bench.clean());
  return bench;
}

/** Kills a process of a test with no warning, and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** A cluster as far as another process can tell of it. */
type ClusterState = Pick<Cluster, 'url' | 'started' | 'pid'>;

/** What an opener said. */
export async function reported(child: ChildProcess): Promise<ClusterState> {
  return JSON.parse(await firstLine(child)) as ClusterState;
}

export async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('This process has no output');
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n'));
  }
  throw new Error(`The process ended after saying: ${text}`);
}

/** One value from the database. */
export async function value(url: string, sql: string): Promise<unknown> {
  return withClient(url, async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return (rows as unknown[][])[0]?.[0];
  });
}

/** Waits until something is so. */
export async function eventually(ask: () => Promise<boolean>): Promise<void> {
  if (!(await until(10_000, async () => (await ask()) || undefined))) throw new Error('It did not happen');
}

/** The names in a folder that begin so. */
export async function namesIn(folder: string, prefix: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith(prefix));
}
