/** The states of a ticket, in the order in which people think of them. */
export const statuses = ['open', 'in_progress', 'on_hold', 'resolved', 'closed', 'cancelled'] as const;
export type Status = (typeof statuses)[number];

export const initialStatus: Status = 'open';

/** What a ticket on hold waits for. */
export const holdReasons = ['requester', 'vendor', 'problem', 'change', 'evidence', 'other'] as const;
export type HoldReason = (typeof holdReasons)[number];

/** How a ticket was resolved. */
export const resolutionCodes = [
  'fixed',
  'workaround',
  'duplicate',
  'not_reproducible',
  'wont_fix',
  'no_fault',
  'other',
] as const;
export type ResolutionCode = (typeof resolutionCodes)[number];

export interface Transition {
  readonly from: Status;
  readonly to: Status;
  /** What the move must bring along. */
  readonly requires: readonly ('holdReason' | 'resolution')[];
  /** The ticket counts one more reopening, and loses its resolution and its times of resolving and closing. */
  readonly reopens: boolean;
  /** Only leads and administrators may make it. */
  readonly leadsOnly: boolean;
}

type Traits = Partial<Pick<Transition, 'reopens' | 'leadsOnly'>>;

const move = (from: Status, to: Status, traits: Traits = {}): Transition => ({
  from,
  to,
  requires: requirements(from, to),
  reopens: false,
  leadsOnly: false,
  ...traits,
});

function requirements(from: Status, to: Status): Transition['requires'] {
  if (to === 'on_hold') return ['holdReason'];
  if (to === 'resolved') return ['resolution'];
  // A resolved ticket has its resolution already, and may get a better one as it is closed.
  return to === 'closed' && from !== 'resolved' ? ['resolution'] : [];
}

/**
 * The lifecycle, whole: a move that is not in this table does not exist (409). The API serves it, the documentation
 * shows it, the tests walk it. `on_hold` to `on_hold` is for another reason than the present one.
 */
export const lifecycle: readonly Transition[] = [
  move('open', 'in_progress'),
  move('open', 'on_hold'),
  move('open', 'resolved'),
  move('open', 'closed'),
  move('open', 'cancelled'),
  move('in_progress', 'open'),
  move('in_progress', 'on_hold'),
  move('in_progress', 'resolved'),
  move('in_progress', 'closed'),
  move('in_progress', 'cancelled'),
  move('on_hold', 'in_progress'),
  move('on_hold', 'on_hold'),
  move('on_hold', 'resolved'),
  move('on_hold', 'closed'),
  move('on_hold', 'cancelled'),
  move('resolved', 'closed'),
  move('resolved', 'in_progress', { reopens: true }),
  move('resolved', 'on_hold', { reopens: true }),
  move('closed', 'in_progress', { reopens: true, leadsOnly: true }),
  move('cancelled', 'open', { reopens: true, leadsOnly: true }),
];

/** The row of the table for this move, or undefined when there is none. */
export const transition = (from: Status, to: Status): Transition | undefined =>
  lifecycle.find((row) => row.from === from && row.to === to);

/** Where a ticket in this state can go. */
export const reachableFrom = (from: Status): Status[] =>
  lifecycle.filter((row) => row.from === from).map((row) => row.to);
