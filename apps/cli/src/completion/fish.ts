import { definite, type Row, type Tables } from './tables.ts';
import type { Expected, Word } from './tree.ts';

/** Text that fish takes literally. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const print = (lines: readonly string[]): string => `printf '%s\\n' ${lines.map(quoted).join(' ')}`;

const offer = (expected: Expected): string =>
  expected === 'file' ? '__fish_complete_path (commandline -ct)' : print([...expected]);

const offerWords = (words: readonly Word[]): string =>
  print(words.map(({ word, meaning }) => `${word}\t${meaning}`));

const cases = <T>(rows: readonly Row<T>[], command: (value: T) => string): string =>
  rows.map(({ key, value }) => `      case ${quoted(key)}\n        ${command(value)}`).join('\n');

/** The completion of fish, with what each word means. */
export const fishScript = (name: string, tables: Tables): string => `\
# Completion of ${name} for fish. Load it with:  ${name} completion fish | source
function __${name}_words
  set -l at ''
  set -l option ''
  set -l argument 0
  set -l typed (commandline -opc)
  for word in $typed[2..-1]
    if test -n "$option"
      set option ''
      continue
    end
    switch "$at|$word"
      case ${tables.steps.map(quoted).join(' ')}
        set at (string trim "$at $word")
        set argument 0
      case ${tables.optionValues.map(({ key }) => quoted(key)).join(' ')}
        set option $word
      case '*|-*'
      case '*'
        set argument (math $argument + 1)
    end
  end
  if test -n "$option"
    switch "$at|$option"
${cases(definite(tables.optionValues), offer)}
    end
  else if string match -q -- '-*' (commandline -ct)
    switch "$at"
${cases(tables.options, offerWords)}
    end
  else
    switch "$at"
${cases(tables.commands, offerWords)}
    end
    switch "$at|$argument"
${cases(definite(tables.arguments), offer)}
    end
  end
end
complete -c ${name} -f -a '(__${name}_words)'
`;
