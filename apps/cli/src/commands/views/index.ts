import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { addList, addShow } from './read.ts';
import { addCreate, addDelete, addEdit } from './write.ts';

/** `tocsin views …` */
export function addViews(program: Command, shell: Shell): void {
  const views = program
    .command('views')
    .summary('keep searches under a name, and share them')
    .description(
      'Keeps searches under a name, with an order and columns, for oneself, a team or everybody. Whoever looks at a view ' +
        'sees of its tickets those that they may see. A view is named by id or by name.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin views create --name "Network, urgent" --query "team:Network priority:urgent is:unresolved"',
        'tocsin tickets list --view "Network, urgent"',
      ),
    );
  for (const add of [addCreate, addList, addShow, addEdit, addDelete]) add(views, shell);
}
