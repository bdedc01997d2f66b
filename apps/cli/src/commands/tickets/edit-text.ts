import { type Client, problemOf } from '@tocsin/client';
import { Failure } from '../../failures.ts';
import { Draft } from '../../terminal/editor.ts';
import { moment } from '../../terminal/text.ts';
import { what, who } from './history.ts';
import type { TicketRef } from './named.ts';
import type { Ticket } from './values.ts';

/** What a person can change of a ticket in an editor. */
export interface EditedText {
  readonly title?: string;
  readonly description?: string | null;
}

/** The title in the first line, then the description. */
export const textOf = ({ title, description }: Pick<Ticket, 'title' | 'description'>): string =>
  `${title}\n\n${description ?? ''}\n`;

/** What differs in an edited text. @throws Failure when no title is left */
export function changesIn(text: string, ticket: Pick<Ticket, 'title' | 'description'>): EditedText {
  const [title = '', ...rest] = text.replace(/^\s*\n/, '').split('\n');
  if (title.trim() === '') throw new Failure('The first line is the title, and there was none.');
  const description = rest
    .join('\n')
    .replace(/^\s*\n/, '')
    .trimEnd();
  return {
    ...(title.trim() === ticket.title ? {} : { title: title.trim() }),
    ...(description === (ticket.description ?? '').trimEnd() ? {} : { description: description || null }),
  };
}

interface Editing {
  readonly client: Client;
  readonly id: TicketRef;
  readonly editor: string | null;
  /** Tells the person something, whatever the output is. */
  readonly note: (text: string) => void;
  /** Writes what was changed, if the ticket still has this version. */
  readonly save: (changes: EditedText, version: number) => Promise<Ticket>;
}

/**
 * Lets a person edit title and description of a ticket. Where it cannot be saved their text stays in a file, which is named;
 * where somebody else changed the ticket meanwhile, that is told.
 */
export async function editText({ client, id, editor, note, save }: Editing): Promise<Ticket> {
  const ticket = await client.tickets.get.query({ id });
  const draft = await Draft.write(`${ticket.key}.md`, textOf(ticket));
  try {
    const saved = await save(changesIn(await draft.edit(editor), ticket), ticket.version);
    await draft.remove();
    return saved;
  } catch (error) {
    const lines = problemOf(error)?.code === 'ticket.version_mismatch' ? await meanwhile(client, ticket) : [];
    note([...lines, `Your text is kept in ${draft.path}`].join('\n'));
    throw error;
  }
}

/** What happened to a ticket since it was read. */
async function meanwhile(client: Client, { key, version }: Ticket): Promise<string[]> {
  const { items } = await client.tickets.history.query({ id: key, offset: version, limit: 100 });
  return [
    `${key} was changed while you edited it:`,
    ...items.map((event) => `  ${moment(event.at)}  ${who(event)}: ${what(event)}`),
  ];
}
