import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import { table } from '../../terminal/table.ts';
import { label } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { paintStatus } from './paint.ts';
import type { Lifecycle } from './values.ts';

/** `tocsin tickets lifecycle` */
export function addLifecycle(tickets: Command, shell: Shell): void {
  tickets
    .command('lifecycle')
    .summary('show every move that a ticket can make')
    .description('Shows every move that a ticket can make, and what each needs.')
    .addHelpText('after', examples('tocsin tickets lifecycle'))
    .action(async (_options, command: Command) => {
      const { client } = await shell.connect(command);
      shell.output(command).answer(await client.tickets.lifecycle.query(), drawLifecycle);
    });
}

function drawLifecycle({ transitions }: Lifecycle, target: RenderTarget): string {
  return table(target, {
    head: ['From', 'To', 'Needs', 'Remarks'],
    rows: transitions.map(({ from, to, requires, reopens, leadsOnly }) => [
      from,
      to,
      requires.map((field) => label(field).toLowerCase()).join(', '),
      [...(reopens ? ['reopens'] : []), ...(leadsOnly ? ['leads and administrators only'] : [])].join(', '),
    ]),
    flexible: 3,
    paint: (cell, column) => (column < 2 ? paintStatus(target, cell) : cell),
  });
}
