import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';
import { commandLine, nowhere } from './tocsin.ts';

/** Whether this machine can make a terminal for a test (util-linux has `script`). */
export const canMakeTerminal = spawnSync('script', ['--version']).status === 0;

export interface Terminal {
  /** Everything that the terminal was sent. */
  readonly screen: () => string;
  /** Waits until this stands there. */
  sees(text: string | RegExp): Promise<void>;
  type(keys: string): void;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

/** Runs `tocsin` as at a terminal of this many columns. */
export function atTerminal(
  args: readonly string[],
  { columns = 80, env = {} }: { columns?: number; env?: Record<string, string> } = {},
): Terminal {
  const line = `stty cols ${columns} rows 40; exec ${commandLine(args)}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: nowhere({ TERM: 'xterm-256color', SHELL: '/bin/sh', ...env }),
  });
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => (screen += chunk));
  return {
    screen: () => screen,
    sees: (text) => expect.poll(() => screen, { timeout: 20_000 }).toMatch(text),
    type: (keys) => void child.stdin.write(keys),
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}
