import type { Client } from '@tocsin/client';
import type { Command } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import { type Output, openOutput, type RenderTarget } from '../../terminal/output.ts';
import { canAsk } from '../../terminal/prompts.ts';
import { cleanLine } from '../../terminal/text.ts';
import { type Changes, tellChanges } from '../changes.ts';
import { examples } from '../help.ts';
import { collect, given } from '../options.ts';
import { editText } from './edit-text.ts';
import { addClearingOptions, addFieldOptions, type FieldOptions, fieldsOf } from './fields.ts';
import { type TicketRef, type TypedTicket, ticketArgument, ticketOf } from './named.ts';
import {
  addReferenceClearingOptions,
  addReferenceOptions,
  hasReferences,
  type ReferenceOptions,
  referencesOf,
} from './references.ts';
import type { EditedTicket, Ticket } from './values.ts';

interface Options extends FieldOptions, ReferenceOptions {
  readonly addTag?: string[];
  readonly removeTag?: string[];
  readonly editor?: boolean;
}

const description = [
  'Changes what is given and leaves the rest, and says what changed. --tag replaces all tags; ' +
    '--add-tag and --remove-tag leave the others as they are.',
  '',
  '--editor opens title and description in $VISUAL or $EDITOR: the first line is the title. ' +
    'What others changed meanwhile is not overwritten: it is shown, and your text is kept in a file.',
].join('\n');

/** `tocsin tickets edit` */
export function addEdit(tickets: Command, shell: Shell): void {
  const edit = tickets.command('edit').addArgument(ticketArgument());
  addReferenceClearingOptions(addReferenceOptions(addClearingOptions(addFieldOptions(edit))))
    .option('--add-tag <tag>', 'add a tag to those there are; repeat it for more', collect)
    .option('--remove-tag <tag>', 'remove a tag; repeat it for more', collect)
    .option('--editor', 'edit title and description in $VISUAL or $EDITOR')
    .summary('change fields of a ticket')
    .description(description)
    .addHelpText(
      'after',
      examples(
        'tocsin tickets edit INC-42 --priority urgent',
        'tocsin tickets edit INC-42 --add-tag vpn --remove-tag triage',
        'tocsin tickets edit 42 --title "VPN drops on the second floor" --tag vpn --tag network',
        'tocsin tickets edit inc-42 --no-impact --no-description --no-restricted',
        'tocsin tickets edit INC-42 --assignee bob@example.com --team Network --no-service',
        'tocsin tickets edit INC-42 --editor',
        'tocsin tickets edit INC0000777 --priority low',
      ),
    )
    .action((typed: TypedTicket, options: Options, command: Command) =>
      editTicket(shell, command, { typed, options }),
    );
}

async function editTicket(
  shell: Shell,
  command: Command,
  { typed, options }: { readonly typed: TypedTicket; readonly options: Options },
): Promise<void> {
  checkTyped(options);
  const fields = { ...(await fieldsOf(options)), ...tagsOf(options) };
  if (Object.keys(fields).length === 0 && !hasReferences(options) && !options.editor)
    throw new UsageError('Nothing to change was given; see `tocsin tickets edit --help` for what can be');
  const { client } = await shell.connect(command);
  const output = shell.output(command);
  const id = await ticketOf(client, typed);
  const [before, references] = await Promise.all([
    output.json ? null : ticketBefore(client, id),
    referencesOf(client, options),
  ]);
  const patch = { id, ...fields, ...references };
  const ticket: EditedTicket = options.editor
    ? await editText({
        client,
        id,
        editor: shell.environment.editor,
        note: openOutput({ json: false }).note,
        save: (changes, ifVersion) => client.tickets.edit.mutate({ ...patch, ...changes, ifVersion }),
      })
    : await client.tickets.edit.mutate(patch);
  const changes = before && (await changesOf(client, before, ticket));
  output.answer(ticket, (clean, target) => drawEdited(clean, changes, target));
  noteSight(output, ticket);
}

/** @throws UsageError for options that contradict each other */
function checkTyped({ tag, tags, addTag, removeTag, editor, title, description }: Options): void {
  if ((addTag || removeTag) && (tag || tags === false))
    throw new UsageError(
      '--tag and --no-tags replace all tags: give either them, or --add-tag and --remove-tag',
    );
  if (!editor) return;
  if (title !== undefined || description !== undefined)
    throw new UsageError(
      '--editor asks for title and description: give either it, or --title and --description',
    );
  if (!canAsk()) throw new UsageError('--editor needs a terminal; a pipe gives --title and --description');
}

const tagsOf = ({ addTag, removeTag }: Options) => given({ addTags: addTag, removeTags: removeTag });

/** The ticket as it is; null where the caller may only write, or the edit itself will say what is wrong. */
const ticketBefore = (client: Client, id: TicketRef): Promise<Ticket | null> =>
  client.tickets.get.query({ id }).catch(() => null);

/** Fields that every change moves, or that tell nothing of it. */
const apart = ['version', 'updatedAt', 'readable'];

/** What an edit changed; null where it cannot be told. Where others wrote in between, the edit's own event tells it. */
async function changesOf(client: Client, before: Ticket, after: EditedTicket): Promise<Changes | null> {
  if (after.version > before.version + 1) {
    const page = { id: after.id, offset: after.version - 1, limit: 1 };
    const { items } = await client.tickets.history.query(page).catch(() => ({ items: [] }));
    return items[0]?.changes ?? null;
  }
  const differing = Object.entries(after)
    .map(([field, to]) => [field, { from: before[field as keyof Ticket], to }] as const)
    .filter(([field, { from, to }]) => !apart.includes(field) && JSON.stringify(from) !== JSON.stringify(to));
  return Object.fromEntries(differing);
}

function drawEdited(
  { key, title, version }: EditedTicket,
  changes: Changes | null,
  target: RenderTarget,
): string {
  const name = target.style('bold', key);
  if (changes && Object.keys(changes).length === 0)
    return `Nothing changed: ${name} stays at version ${version}`;
  // A token that may only write is not told the title.
  const named = typeof title === 'string' ? `: ${cleanLine(title)}` : '';
  const heading = `${name} is now at version ${version}${named}`;
  return changes ? `${heading}\n  ${tellChanges(changes, { isNew: false })}` : heading;
}

function noteSight(output: Output, { key, readable }: EditedTicket): void {
  if (readable === false)
    output.note(`${key} is restricted and has gone to others: you cannot read it any more.`);
}
