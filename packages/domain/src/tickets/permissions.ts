import { Ability, type Conditions, type Principal, type Rule, type RulesFor } from '../core/index.ts';
import { lifecycle } from './lifecycle.ts';

/** Where the fields stand that permissions on tickets are about. */
export const ticketColumns = {
  requesterId: 'tickets.requester_id',
  assigneeId: 'tickets.assignee_id',
  teamId: 'tickets.team_id',
  serviceId: 'tickets.service_id',
  restricted: 'tickets.restricted',
  status: 'tickets.status',
};

const content = ['title', 'description'];
/** What whoever asks for something can tell of it. */
const requestFields = [...content, 'type', 'impact', 'urgency', 'serviceId'];
/** Who may see a ticket is for leads to change. A resolution comes with a move. */
const agentFields = [
  ...requestFields,
  'priority',
  'requesterId',
  'assigneeId',
  'teamId',
  'tags',
  'resolution',
];

const unresolved = ['open', 'in_progress', 'on_hold'];
/** States that only leads lead out of. */
const leadsOnly = [...new Set(lifecycle.filter((move) => move.leadsOnly).map(({ from }) => from))];

/** What those who work on tickets see: all but restricted ones, and of these the ones they have to do with. */
const staffReads = ({ id, teamIds }: Principal): Conditions[] => [
  { restricted: false },
  { requesterId: id },
  { assigneeId: id },
  ...(teamIds.length > 0 ? [{ teamId: { $in: [...teamIds] } }] : []),
];

/** Who may see, open, edit and move tickets. Of a move the `fields` are the states it may lead to. */
export const ticketRules: RulesFor = (principal) => {
  switch (principal.role) {
    case 'requester':
      return requesterRules(principal);
    case 'agent':
      return [
        { action: 'create', subject: 'Ticket' },
        ...staffReads(principal).flatMap((conditions) => staffRules(conditions, agentFields)),
        { action: 'move', subject: 'Ticket', conditions: { status: { $in: leadsOnly } }, inverted: true },
      ];
    case 'lead':
      return [
        { action: 'create', subject: 'Ticket' },
        ...staffReads(principal).flatMap((conditions) =>
          staffRules(conditions, [...agentFields, 'restricted']),
        ),
      ];
    case 'admin':
      return (['create', 'read', 'edit', 'move'] as const).map((action) => ({ action, subject: 'Ticket' }));
    case 'auditor':
      return [{ action: 'read', subject: 'Ticket' }];
  }
};

/** A ticket that nobody else has anything to do with. */
const ofAssignee = { requesterId: null, teamId: null, serviceId: null, restricted: true, status: 'open' };

/** Whether somebody can work on any ticket that is assigned to them, restricted or not: what an assignee must. */
export const worksOnTickets = ({ id, role }: Pick<Principal, 'id' | 'role'>): boolean =>
  new Ability(ticketRules({ id, role, teamIds: [] })).can('edit', 'Ticket', {
    row: { ...ofAssignee, assigneeId: id },
    field: 'assigneeId',
  });

function requesterRules({ id }: Principal): Rule[] {
  const own = { requesterId: id };
  return [
    { action: 'create', subject: 'Ticket', fields: requestFields },
    { action: 'read', subject: 'Ticket', conditions: own },
    {
      action: 'edit',
      subject: 'Ticket',
      fields: content,
      conditions: { ...own, status: { $in: unresolved } },
    },
    { action: 'move', subject: 'Ticket', fields: ['cancelled'], conditions: { ...own, status: 'open' } },
    {
      action: 'move',
      subject: 'Ticket',
      fields: ['closed', 'in_progress'],
      conditions: { ...own, status: 'resolved' },
    },
  ];
}

const staffRules = (conditions: Conditions, fields: readonly string[]): Rule[] => [
  { action: 'read', subject: 'Ticket', conditions },
  { action: 'edit', subject: 'Ticket', fields, conditions },
  { action: 'move', subject: 'Ticket', conditions },
];
