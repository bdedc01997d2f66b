import { quoted } from '../terminal/text.ts';
import type { Expected, Place, Word } from './tree.ts';

/** A value under the place where it counts: `tickets create|--priority`. */
export interface Row<T> {
  readonly key: string;
  readonly value: T;
}

/** What every completion script looks things up in, whatever the shell. */
export interface Tables {
  /** `tickets|create`: after `tickets` the word `create` leads on. */
  readonly steps: readonly string[];
  /** What follows an option, for those that something follows. */
  readonly optionValues: readonly Row<Expected>[];
  /** The commands and the options of a place. */
  readonly commands: readonly Row<readonly Word[]>[];
  readonly options: readonly Row<readonly Word[]>[];
  /** `tickets move|1`: the second argument there. */
  readonly arguments: readonly Row<Expected>[];
}

/** Turns places into tables. */
export function tablesOf(places: readonly Place[]): Tables {
  return {
    steps: places.flatMap(({ path, commands }) => commands.map(({ word }) => `${path}|${word}`)),
    optionValues: places.flatMap(({ path, options }) =>
      options.flatMap(({ words, value }) =>
        value === null ? [] : words.map((word) => ({ key: `${path}|${word}`, value })),
      ),
    ),
    commands: places
      .filter(({ commands }) => commands.length > 0)
      .map(({ path, commands }) => ({ key: path, value: commands })),
    options: places.map(({ path, options }) => ({
      key: path,
      value: options.flatMap(({ words, meaning }) => words.map((word) => ({ word, meaning }))),
    })),
    arguments: places.flatMap(({ path, arguments: expected }) =>
      expected.map((value, at) => ({ key: `${path}|${at}`, value })),
    ),
  };
}

/** The arms of a `case` of bash and zsh. */
export const arms = <T>(rows: readonly Row<T>[], command: (value: T) => string): string =>
  rows.map(({ key, value }) => `      ${quoted(key)}) ${command(value)} ;;`).join('\n');

/** Where something definite can be offered. */
export const definite = (rows: readonly Row<Expected>[]): Row<Expected>[] =>
  rows.filter(({ value }) => value !== 'anything');
