import { Option } from 'commander';
import { UsageError } from '../../failures.ts';
import { cleanLine } from '../../terminal/text.ts';
import { type ViewColumn, viewColumns } from './values.ts';

/** Which columns a list of tickets has. */
export const columnsOption = (): Option =>
  new Option('--columns <columns>', 'what is shown, from left to right, with commas between')
    .choices(viewColumns)
    .argParser(columnsFrom);

/** Reads columns in their own spelling, in the order in which they are typed. */
function columnsFrom(typed: string): ViewColumn[] {
  const names = typed.split(',').map((name) => name.trim().toLowerCase());
  return names.map((name) => {
    const column = viewColumns.find((one) => one.toLowerCase() === name);
    if (!column)
      throw new UsageError(`There is no column ${cleanLine(name)}; there are ${viewColumns.join(', ')}`);
    return column;
  });
}
