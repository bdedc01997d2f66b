import type { Client, Inputs } from '@tocsin/client';
import { Argument, type Command } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import { askChoice, askLine, canAsk } from '../../terminal/prompts.ts';
import { examples } from '../help.ts';
import { choiceOption, given, oneOf } from '../options.ts';
import { type TypedTicket, ticketArgument, ticketOf } from './named.ts';
import { paintStatus } from './paint.ts';
import {
  holdReasons,
  type Lifecycle,
  resolutionCodes,
  type Status,
  statuses,
  type Ticket,
} from './values.ts';

type Move = Inputs['tickets']['move'];

interface MoveOptions {
  readonly holdReason?: NonNullable<Move['holdReason']>;
  readonly resolution?: NonNullable<Move['resolution']>['code'];
  readonly note?: string;
}

/** What commander hands over. */
type Typed = [ticket: TypedTicket, status: Status, options: MoveOptions, command: Command];

/** `tocsin tickets move` */
export function addMove(tickets: Command, shell: Shell): void {
  tickets
    .command('move')
    .addArgument(ticketArgument())
    .addArgument(new Argument('<status>', 'where to').choices(statuses).argParser(oneOf(statuses)))
    .addOption(choiceOption('--hold-reason <reason>', 'what it waits for on hold', holdReasons))
    .addOption(choiceOption('--resolution <code>', 'how it was resolved', resolutionCodes))
    .option('--note <markdown>', 'what was done; goes with --resolution')
    .summary('move a ticket to another status')
    .description(
      'Moves a ticket to another status. What the move needs and was not given is asked for on a terminal.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin tickets move INC-42 in-progress',
        'tocsin tickets move INC-42 on-hold --hold-reason vendor',
        'tocsin tickets move INC0000777 closed --resolution fixed',
        'tocsin tickets move 42 resolved --resolution fixed --note "Replaced the switch."',
      ),
    )
    .action(async (...[ticket, status, options, command]: Typed) => {
      const typed = moveOf(status, options);
      const { client } = await shell.connect(command);
      const id = await ticketOf(client, ticket);
      const move = await complete(client, { id, ...typed });
      shell.output(command).answer(await client.tickets.move.mutate(move), drawMoved);
    });
}

function moveOf(status: Status, { holdReason, resolution, note }: MoveOptions): Omit<Move, 'id'> {
  if (note !== undefined && resolution === undefined)
    throw new UsageError('--note goes with --resolution: it says what was done');
  return given({
    status,
    holdReason,
    resolution: resolution === undefined ? undefined : given({ code: resolution, note }),
  }) as Omit<Move, 'id'>;
}

/** Asks for what the move needs and was not given. What it does not need is left to the desk to refuse. */
async function complete(client: Client, move: Move): Promise<Move> {
  const { id, status, holdReason, resolution } = move;
  const maybeNeeds =
    status === 'on_hold' ? !holdReason : ['resolved', 'closed'].includes(status) && !resolution;
  if (!maybeNeeds || !canAsk()) return move;
  const [ticket, lifecycle] = await Promise.all([
    client.tickets.get.query({ id }),
    client.tickets.lifecycle.query(),
  ]);
  const needs = lifecycle.transitions.find(
    ({ from, to }) => from === ticket.status && to === status,
  )?.requires;
  if (needs?.includes('holdReason')) {
    return { ...move, holdReason: await askChoice('What does it wait for?', lifecycle.holdReasons) };
  }
  return needs?.includes('resolution') ? { ...move, resolution: await askResolution(lifecycle) } : move;
}

async function askResolution({ resolutionCodes }: Lifecycle): Promise<NonNullable<Move['resolution']>> {
  const code = await askChoice('How was it resolved?', resolutionCodes);
  const note = await askLine({ message: 'What was done? (may stay empty)', optional: true });
  return note ? { code, note } : { code };
}

function drawMoved({ key, status, holdReason, resolution }: Ticket, target: RenderTarget): string {
  const why = holdReason ?? resolution?.code;
  return `${target.style('bold', key)} is ${paintStatus(target, status)}${why ? ` (${why})` : ''}`;
}
