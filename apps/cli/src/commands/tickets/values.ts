import type { Outputs } from '@tocsin/client';
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
