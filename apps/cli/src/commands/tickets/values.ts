import type { Inputs, Outputs } from '@tocsin/client';
import { Argument, InvalidArgumentError } from 'commander';
import { valuesOf } from '../options.ts';

export type Ticket = Outputs['tickets']['get'];
export type EditedTicket = Outputs['tickets']['edit'];
export type TicketPage = Outputs['tickets']['list'];
export type TicketEvent = Outputs['tickets']['history']['items'][number];
export type Lifecycle = Outputs['tickets']['lifecycle'];
export type Status = Ticket['status'];

/** What the desk knows; a value that joins there does not compile until it stands here. */
export const statuses = valuesOf<Status>({
  open: true,
  in_progress: true,
  on_hold: true,
  resolved: true,
  closed: true,
  cancelled: true,
});

export type ListedField = Exclude<keyof Outputs['tickets']['list']['items'][number], 'descriptionTruncated'>;

/** The fields of a ticket in a list. */
export const listedFields = valuesOf<ListedField>({
  id: true,
  key: true,
  type: true,
  title: true,
  description: true,
  status: true,
  holdReason: true,
  resolution: true,
  priority: true,
  impact: true,
  urgency: true,
  requester: true,
  assignee: true,
  team: true,
  service: true,
  restricted: true,
  tags: true,
  reopenCount: true,
  version: true,
  source: true,
  createdAt: true,
  updatedAt: true,
  resolvedAt: true,
  closedAt: true,
});

export const types = valuesOf<Ticket['type']>({ incident: true, request: true, problem: true, change: true });

export const priorities = valuesOf<Ticket['priority']>({ low: true, medium: true, high: true, urgent: true });

export const grades = valuesOf<NonNullable<Ticket['impact']>>({ low: true, medium: true, high: true });

export const holdReasons = valuesOf<NonNullable<Ticket['holdReason']>>({
  requester: true,
  vendor: true,
  problem: true,
  change: true,
  evidence: true,
  other: true,
});

export const resolutionCodes = valuesOf<NonNullable<Ticket['resolution']>['code']>({
  fixed: true,
  workaround: true,
  duplicate: true,
  not_reproducible: true,
  wont_fix: true,
  no_fault: true,
  other: true,
});

/** How a ticket is named to the desk. */
export type TicketRef = Inputs['tickets']['get']['id'];

/** Reads a number or a key; keys work in small letters, too. */
export function ticketRef(typed: string): TicketRef {
  if (/^\d+$/.test(typed) && Number.isSafeInteger(Number(typed))) return Number(typed);
  if (/^[a-z]+-\d+$/i.test(typed)) return typed.toUpperCase();
  throw new InvalidArgumentError('It must be the number or the key of a ticket, such as 42 or INC-42.');
}

/** The argument that names a ticket. */
export const ticketArgument = (): Argument =>
  new Argument('<ticket>', 'its number or its key, such as 42 or INC-42').argParser(ticketRef);
