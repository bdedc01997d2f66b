import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { addEdit } from './edit.ts';
import { addHistory } from './history.ts';
import { addLifecycle } from './lifecycle.ts';
import { addList } from './list.ts';
import { addMove } from './move.ts';
import { addShow } from './show.ts';
import { addCount, addFacets } from './tally.ts';
import { addCreate } from './write.ts';

/** `tocsin tickets …` */
export function addTickets(program: Command, shell: Shell): void {
  const tickets = program
    .command('tickets')
    .summary('open, find, read and move tickets')
    .description(
      'Opens, finds, reads and moves tickets. A ticket is named by its number or its key, an imported one also by its number in the system that it came from.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin tickets create --title "Printer on fire" --impact high --urgency high',
        'tocsin tickets list disk is:unresolved',
        'tocsin tickets move INC-42 in-progress',
      ),
    );
  for (const add of [
    addCreate,
    addList,
    addCount,
    addFacets,
    addShow,
    addEdit,
    addMove,
    addHistory,
    addLifecycle,
  ])
    add(tickets, shell);
}
