import type { Command } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import { askLine, canAsk } from '../../terminal/prompts.ts';
import { cleanLine } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { addFieldOptions, type FieldOptions, fieldsOf } from './fields.ts';
import { addReferenceOptions, type ReferenceOptions, referencesOf } from './references.ts';

type Options = FieldOptions & ReferenceOptions;

/** `tocsin tickets create` */
export function addCreate(tickets: Command, shell: Shell): void {
  addReferenceOptions(addFieldOptions(tickets.command('create')))
    .summary('open a ticket')
    .description('Opens a ticket. Asks for the title when none is given and a terminal is there to ask at.')
    .addHelpText(
      'after',
      examples(
        'tocsin tickets create --title "VPN drops every ten minutes" --impact medium --urgency high',
        'tocsin tickets create --type request --title "A second screen" --tag hardware --tag desk-12',
        'tocsin tickets create --title "Mail is slow" --service Mail --requester alice@example.com --assignee me',
        'tocsin tickets create --title "Backup failed" --description - < backup.log',
      ),
    )
    .action(async (options: Options, command: Command) => {
      const title = options.title ?? (await askTitle());
      const fields = await fieldsOf(options);
      const { client } = await shell.connect(command);
      const references = await referencesOf(client, options);
      const ticket = await client.tickets.create.mutate({ ...fields, ...references, title });
      shell
        .output(command)
        .answer(
          ticket,
          ({ key, title, priority }, target) =>
            `Opened ${target.style('bold', key)}: ${cleanLine(title)}${priority ? ` (priority ${priority})` : ''}`,
        );
    });
}

async function askTitle(): Promise<string> {
  if (canAsk()) return askLine({ message: 'What is wrong or wanted, in a line?' });
  throw new UsageError('A ticket needs a title: --title "What is wrong or wanted"');
}
