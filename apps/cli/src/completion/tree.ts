import type { Argument, Command, Option } from 'commander';

/** A word that can be typed, and what it means. */
export interface Word {
  readonly word: string;
  readonly meaning: string;
}

/** What may follow an option or stand as an argument: one of some values, a file, or anything. */
export type Expected = readonly string[] | 'file' | 'anything';

export interface OptionWords {
  /** `--limit`, and a short form if it has one. */
  readonly words: readonly string[];
  readonly meaning: string;
  /** What follows it; null when nothing does. */
  readonly value: Expected | null;
}

/** All that can be typed after one command. */
export interface Place {
  /** The words that lead there: `tickets create`; empty after `tocsin` itself. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly OptionWords[];
  readonly arguments: readonly Expected[];
}

/** Every place of the command line, read from the commands themselves. */
export function placesOf(program: Command): Place[] {
  return visit(program, { path: '', inherited: [] });
}

interface From {
  readonly path: string;
  /** Options of the commands above: they may stand anywhere below. */
  readonly inherited: readonly OptionWords[];
}

function visit(command: Command, { path, inherited }: From): Place[] {
  const help = command.createHelp();
  const visible = help.visibleCommands(command);
  const own = help.visibleOptions(command).map(optionWords);
  const passedOn = [
    ...command.options.filter(({ long }) => long !== '--version').map(optionWords),
    ...inherited,
  ];
  const place: Place = {
    path,
    commands: visible.map((sub) => ({ word: sub.name(), meaning: help.subcommandDescription(sub) })),
    options: [...own, ...inherited],
    arguments: command.registeredArguments.map(argumentWords),
  };
  const below = visible.flatMap((sub) =>
    visit(sub, { path: `${path} ${sub.name()}`.trim(), inherited: passedOn }),
  );
  return [place, ...below];
}

const optionWords = (option: Option): OptionWords => ({
  words: [option.long, option.short].filter((word) => word !== undefined),
  meaning: option.description,
  value: option.required || option.optional ? (option.argChoices ?? 'anything') : null,
});

/** A `<file>` is completed as one; everything else that has no choices is the person's own. */
const argumentWords = (argument: Argument): Expected =>
  argument.argChoices ?? (argument.name() === 'file' ? 'file' : 'anything');
