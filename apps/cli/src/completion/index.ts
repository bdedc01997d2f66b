import type { Command } from 'commander';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { type Tables, tablesOf } from './tables.ts';
import { placesOf } from './tree.ts';
import { zshScript } from './zsh.ts';

export type ShellName = 'bash' | 'zsh' | 'fish';

const scripts: Readonly<Record<ShellName, (name: string, tables: Tables) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The script by which a shell completes a program; made from the program's commands, so it knows each and no other. */
export const completionScript = (program: Command, shell: ShellName): string =>
  scripts[shell](program.name(), tablesOf(placesOf(program)));
