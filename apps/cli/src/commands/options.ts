import { InvalidArgumentError, Option } from 'commander';

/** All values of a union, checked by the compiler to be all of them. */
export const valuesOf = <T extends string>(all: Readonly<Record<T, true>>): T[] => Object.keys(all) as T[];

/** A value as people type it (`In-Progress`) in the desk's spelling (`in_progress`). */
const spelled = (typed: string): string => typed.trim().toLowerCase().replaceAll('-', '_');

function choose<T extends string>(typed: string, choices: readonly T[]): T {
  const choice = choices.find((value) => value === spelled(typed));
  if (choice === undefined) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  return choice;
}

/** Reads one of several values, however its letters and hyphens are written. */
export const oneOf =
  <T extends string>(choices: readonly T[]) =>
  (typed: string): T =>
    choose(typed, choices);

/** Reads several of them with commas between; given twice, all of them count. */
export const severalOf =
  <T extends string>(choices: readonly T[]) =>
  (typed: string, before?: T[]): T[] => [
    ...new Set([...(before ?? []), ...typed.split(',').map((one) => choose(one, choices))]),
  ];

/** An option that takes one of several values. */
export const choiceOption = <T extends string>(
  flags: string,
  description: string,
  choices: readonly T[],
): Option => new Option(flags, description).choices(choices).argParser(oneOf(choices));

/** An option that takes several of some values, with commas between. */
export const choicesOption = <T extends string>(
  flags: string,
  description: string,
  choices: readonly T[],
): Option => new Option(flags, description).choices(choices).argParser(severalOf(choices));

/** Reads several things with commas between, in quotes what has a comma itself; given twice, all of them count. */
export const commas = (typed: string, before?: string[]): string[] => [
  ...(before ?? []),
  ...(typed.match(/\s*"[^"]*"\s*(?=,|$)|[^,]+/g) ?? [])
    .map((one) => one.trim().replace(/^"(.*)"$/s, '$1'))
    .filter((one) => one !== ''),
];

/** Reads a whole number within bounds. */
export const wholeNumber =
  (from: number, to: number) =>
  (typed: string): number => {
    const number = Number(typed);
    if (!/^\d+$/.test(typed) || number < from || number > to)
      throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
    return number;
  };

/** Gathers the values of an option that may be repeated. */
export const collect = (typed: string, before: string[] | undefined): string[] => [...(before ?? []), typed];

/** The same object without its fields that are undefined: to the desk, a field that is not there stays as it is. */
export const given = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
