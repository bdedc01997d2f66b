import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { addList, addShow } from './read.ts';
import { addCreate, addEdit } from './write.ts';

/** `tocsin services …` */
export function addServices(program: Command, shell: Shell): void {
  const services = program
    .command('services')
    .summary('enter and find what is operated, and who answers for it')
    .description(
      'Enters and finds what is operated, and which team answers for it: a ticket that names a service and no team ' +
        'goes there. A service is named by id or by name.',
    )
    .addHelpText(
      'after',
      examples('tocsin services create --name VPN --team Network', 'tocsin services list --team Network'),
    );
  for (const add of [addCreate, addList, addShow, addEdit]) add(services, shell);
}
