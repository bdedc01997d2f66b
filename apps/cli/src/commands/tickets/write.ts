import type { Command } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import { askLine, canAsk } from '../../terminal/prompts.ts';
import { cleanLine } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { addClearingOptions, addFieldOptions, type FieldOptions, fieldsOf } from './fields.ts';
import {
  addReferenceClearingOptions,
  addReferenceOptions,
  hasReferences,
  type ReferenceOptions,
  referencesOf,
} from './references.ts';
import { type TicketRef, ticketArgument } from './values.ts';

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
          ({ key, title, priority }, paper) =>
            `Opened ${paper.style('bold', key)}: ${cleanLine(title)} (priority ${priority})`,
        );
    });
}

async function askTitle(): Promise<string> {
  if (canAsk()) return askLine({ message: 'What is wrong or wanted, in a line?' });
  throw new UsageError('A ticket needs a title: --title "What is wrong or wanted"');
}

/** `tocsin tickets edit` */
export function addEdit(tickets: Command, shell: Shell): void {
  const edit = tickets.command('edit').addArgument(ticketArgument());
  addReferenceClearingOptions(addReferenceOptions(addClearingOptions(addFieldOptions(edit))))
    .summary('change fields of a ticket')
    .description('Changes what is given and leaves the rest. Tags that are given replace those there were.')
    .addHelpText(
      'after',
      examples(
        'tocsin tickets edit INC-42 --priority urgent',
        'tocsin tickets edit 42 --title "VPN drops on the second floor" --tag vpn --tag network',
        'tocsin tickets edit inc-42 --no-impact --no-description --no-restricted',
        'tocsin tickets edit INC-42 --assignee bob@example.com --team Network --no-service',
      ),
    )
    .action(async (id: TicketRef, options: Options, command: Command) => {
      const fields = await fieldsOf(options);
      if (Object.keys(fields).length === 0 && !hasReferences(options)) {
        throw new UsageError('Nothing to change was given; see `tocsin tickets edit --help` for what can be');
      }
      const { client } = await shell.connect(command);
      const references = await referencesOf(client, options);
      const ticket = await client.tickets.edit.mutate({ id, ...fields, ...references });
      shell
        .output(command)
        .answer(
          ticket,
          ({ key, title, version }, paper) =>
            `${paper.style('bold', key)} is now at version ${version}: ${cleanLine(title)}`,
        );
    });
}
