import { Option } from 'commander';
import { UsageError } from '../../failures.ts';
import { cleanLine } from '../../terminal/text.ts';
import { viewColumns } from './values.ts';

/** Which columns a list of tickets has. */
export const columnsOption = (): Option =>
  new Option('--columns <columns>', 'what is shown, from left to right, with commas between')
    .choices(viewColumns)
    .argParser((typed) => namesFrom(typed, viewColumns, 'column'));

/** Reads names in their own spelling, whatever the case of their letters, in the order in which they are typed. */
export function namesFrom<Name extends string>(typed: string, known: readonly Name[], what: string): Name[] {
  const names = typed.split(',').map((name) => name.trim().toLowerCase());
  return names.map((name) => {
    const found = known.find((one) => one.toLowerCase() === name);
    if (!found) throw new UsageError(`There is no ${what} ${cleanLine(name)}; there are ${known.join(', ')}`);
    return found;
  });
}
