import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { addCreate } from './create.ts';
import { addList } from './list.ts';
import { addRevoke } from './revoke.ts';

/** `tocsin tokens …` */
export function addTokens(program: Command, shell: Shell): void {
  const tokens = program
    .command('tokens')
    .summary('make, list and revoke API tokens')
    .description(
      'Makes, lists and revokes API tokens, by which programs speak for you. A token never may more than its owner.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin tokens create --name "Backup monitor" --scope tickets:write --expires 90d',
        'tocsin tokens list',
      ),
    );
  for (const add of [addCreate, addList, addRevoke]) add(tokens, shell);
}
