import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** The real command line; tests run it in a process of its own, as a person does. */
const main = resolve(import.meta.dirname, '../src/main.ts');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** What was typed into its standard input; the end of it unless told otherwise. */
  readonly stdin?: string;
  readonly env?: Record<string, string>;
}

/** An environment in which nothing is known of any desk. */
export function nowhere(env: Record<string, string> = {}): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(tocsin_|npm_|xdg_|init_cwd|database_url|port$|host$|no_color|force_color|node_disable_colors|ci$)/i.test(
        name,
      ),
  );
  return {
    ...Object.fromEntries(kept),
    TOCSIN_DATA_DIR: '/nowhere/tocsin',
    XDG_CONFIG_HOME: '/nowhere/config',
    XDG_CACHE_HOME: resolve(import.meta.dirname, '../node_modules/.cache'),
    ...env,
  };
}

/** Runs `tocsin` in a pipe and waits for its end. */
export async function tocsin(args: readonly string[], { stdin = '', env = {} }: Running = {}): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], { env: nowhere(env) });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  // It may end without reading.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** A folder that is removed when the test is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
  chmodSync(folder, 0o711);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** How a shell calls `tocsin`. */
export const commandLine = (args: readonly string[]): string =>
  [process.execPath, main, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
