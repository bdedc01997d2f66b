import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const tools = join(root, 'node_modules/.bin');

/** What the client and the examples are made of. */
const parts = [
  'LICENSE',
  'package.json',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
  'packages/schema',
  'packages/domain',
  'packages/api',
  'packages/client',
  'examples',
];

export const tempDir = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'tocsin-client-')));

/** A copy of the sources on this checkout's dependencies: to build in, or to break, without a trace. */
export function copyOfCheckout(): string {
  const copy = tempDir();
  for (const part of parts) {
    cpSync(join(root, part), join(copy, part), {
      recursive: true,
      // Links between packages are relative, so those of the copy lead to the copy.
      verbatimSymlinks: true,
      filter: (path) => basename(path) !== 'dist',
    });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a command with the checkout's tools before those of the machine. */
export function run(cwd: string, command: string, ...args: string[]): Outcome {
  const env = { ...process.env, PATH: [tools, process.env.PATH].join(delimiter) };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

/** The machine's own Node, as another project would run on it; the checkout's when there is no other. */
export function plainNode(): string {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  const candidates = folders.map((folder) => join(folder, 'node'));
  return candidates.find((node) => run(root, node, '--version').status === 0) ?? process.execPath;
}
