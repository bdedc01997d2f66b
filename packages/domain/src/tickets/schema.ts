import { z } from 'zod';
import { ActorView, linePattern, pageFields, Reference, text, uuid } from '../core/index.ts';
import { holdReasons, resolutionCodes, statuses } from './lifecycle.ts';
import { grades, priorities } from './priority.ts';

export const ticketTypes = ['incident', 'request', 'problem', 'change'] as const;
export type TicketType = (typeof ticketTypes)[number];

/** How a key begins; the ticket's number follows. */
export const keyPrefixes: Readonly<Record<TicketType, string>> = {
  incident: 'INC',
  request: 'REQ',
  problem: 'PRB',
  change: 'CHG',
};

const TicketId = z.int().min(1);

const refFault = 'Must be the number or the key of a ticket, such as 42 or INC-42';
const RefId = z.int(refFault).min(1, refFault);
const RefKey = z.string().regex(/^(INC|REQ|PRB|CHG)-[1-9][0-9]{0,14}$/, refFault);

/**
 * Names a ticket by its number or its key, and reads as the number. A key's number alone decides, so a key from before
 * a change of type works on.
 */
export const TicketRef = z
  .union([RefId, RefKey], { error: refFault })
  .transform((ref) => (typeof ref === 'number' ? ref : Number(ref.slice(ref.indexOf('-') + 1))))
  .meta({ description: 'The number or the key of the ticket', examples: [42, 'INC-42'] });

const Status = z.enum(statuses);
const HoldReason = z.enum(holdReasons);
const Priority = z.enum(priorities);
const Grade = z.enum(grades);
const Type = z.enum(ticketTypes);

export const Resolution = z
  .strictObject({
    code: z.enum(resolutionCodes),
    note: text({ max: 10_000 }).describe('What was done, in Markdown').optional(),
  })
  .meta({ id: 'Resolution', description: 'How a ticket was resolved' });

const time = (what: string) => z.iso.datetime().describe(what);

export const Source = z
  .strictObject({ system: z.string(), id: z.string() })
  .meta({ id: 'Source', description: 'Where a ticket came from, and its id there' });

export const Ticket = z
  .strictObject({
    id: TicketId,
    key: z.string().describe('For people: the prefix of its type, and the number'),
    type: Type,
    title: z.string(),
    description: z.string().nullable().describe('Markdown'),
    status: Status,
    holdReason: HoldReason.nullable().describe('What it waits for; only and always while on hold'),
    resolution: Resolution.nullable(),
    priority: Priority,
    impact: Grade.nullable().describe('How much is affected'),
    urgency: Grade.nullable().describe('How soon it must be mended'),
    requester: Reference.nullable().describe('Whom it is for'),
    assignee: Reference.nullable().describe('Who works on it'),
    team: Reference.nullable().describe('The team that works on it'),
    service: Reference.nullable().describe('What it is about'),
    restricted: z.boolean().describe('Only for those who work on it'),
    tags: z.array(z.string()).describe('Sorted, lower case'),
    reopenCount: z.int().min(0),
    version: z.int().min(1).describe('One more with each change'),
    source: Source.nullable().describe('Null for what was made here'),
    createdAt: time('When it was opened'),
    updatedAt: time('When its last event happened'),
    resolvedAt: time('When it was resolved').nullable(),
    closedAt: time('When it was closed').nullable(),
  })
  .meta({
    id: 'Ticket',
    description: 'Anything the desk tracks',
    examples: [
      {
        id: 42,
        key: 'INC-42',
        type: 'incident',
        title: 'VPN drops every ten minutes',
        description: 'Since this morning, in the whole **second floor**.',
        status: 'in_progress',
        holdReason: null,
        resolution: null,
        priority: 'high',
        impact: 'medium',
        urgency: 'high',
        requester: { id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d16', name: 'Reception' },
        assignee: { id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d12', name: 'Night shift' },
        team: { id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d13', name: 'Network' },
        service: { id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d14', name: 'VPN' },
        restricted: false,
        tags: ['network', 'vpn'],
        reopenCount: 0,
        version: 2,
        source: null,
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:41:12.345Z',
        resolvedAt: null,
        closedAt: null,
      },
    ],
  });
export type Ticket = z.output<typeof Ticket>;

/** A description in a list has at most so many characters (code points), unless it was asked for. */
export const EXCERPT = 1_000;

export const ListedTicket = Ticket.extend({
  description: Ticket.shape.description.describe(
    `Markdown; in lists the first ${EXCERPT.toLocaleString('en')} characters (code points), unless \`fields\` names it`,
  ),
  descriptionTruncated: z
    .literal(true)
    .describe('The description goes on; `GET /tickets/{id}` has it whole')
    .optional(),
}).meta({
  id: 'ListedTicket',
  description:
    'A ticket in a list; with `fields` it has its `id` and the fields that were named, and no others',
  examples: Object.values(Ticket.meta()?.examples ?? {}),
});
export type ListedTicket = z.output<typeof ListedTicket>;

/** The fields of a ticket in a list, by name. */
export const listedFields = Object.keys(Ticket.shape) as [keyof Ticket, ...(keyof Ticket)[]];

export const Tag = text({ max: 50, line: true, lower: true, name: true })
  .regex(/^[^,\p{Cc}]*$/u, 'Must not hold commas or control characters')
  .meta({ minLength: 1, maxLength: 50, pattern: linePattern(',') });

/** Tags that a ticket has at most. */
export const MAX_TAGS = 50;

const editable = {
  title: text({ max: 200, line: true }).describe('What is wrong or wanted, in a line'),
  description: text({ max: 100_000 }).nullable().describe('Markdown'),
  type: Type,
  priority: Priority.describe(
    'Set by hand it stays; otherwise impact and urgency decide when both are known (medium until then)',
  ),
  impact: Grade.nullable().describe('How much is affected'),
  urgency: Grade.nullable().describe('How soon it must be mended'),
  requesterId: uuid().nullable().describe('Whom it is for; your own tickets have you unless you are staff'),
  assigneeId: uuid().nullable().describe('Who works on it'),
  teamId: uuid().nullable().describe("The team that works on it; the service's unless another is named"),
  serviceId: uuid().nullable().describe('What it is about'),
  restricted: z.boolean().describe('Only for those who work on it'),
  tags: z.array(Tag).max(MAX_TAGS).describe('Kept sorted, in lower case, each once'),
};

export const CreateTicket = z
  .strictObject({ ...z.object(editable).partial().shape, title: editable.title })
  .meta({
    examples: [
      { title: 'VPN drops every ten minutes', impact: 'medium', urgency: 'high', tags: ['vpn', 'network'] },
    ],
  });
export type CreateTicket = z.output<typeof CreateTicket>;

const Version = z.int().min(1);
/** By REST it is the header `If-Match`, which may name several. */
const IfVersion = z
  .union([Version, z.array(Version).max(100)], { error: 'Must be a version, or a list of versions' })
  .describe('Only if the ticket still has this version, or one of these')
  .optional();

/** A patch adds and removes so many tags at most. */
const Tags = editable.tags.min(1).optional();

export const EditTicket = z
  .strictObject({
    id: TicketRef,
    ifVersion: IfVersion,
    ...z.object(editable).partial().shape,
    tags: editable.tags
      .describe('Replaces all tags; kept sorted, in lower case, each once. To keep the others: `addTags`')
      .optional(),
    addTags: Tags.describe(
      'Tags to add; the others stay, whatever else is added at the same time. Not together with `tags`',
    ),
    removeTags: Tags.describe('Tags to remove, where they are there. Not together with `tags`'),
  })
  .meta({ examples: [{ priority: 'urgent', addTags: ['second-floor'], removeTags: ['triage'] }] });
export type EditTicket = z.output<typeof EditTicket>;

const example = Object.values(Ticket.meta()?.examples ?? {});

export const EditedTicket = Ticket.extend({
  readable: z
    .literal(false)
    .describe(
      'Only there where it is false: the ticket is restricted and has gone to others, so you cannot read it any more',
    )
    .optional(),
}).meta({ id: 'EditedTicket', description: 'A ticket, as changed', examples: example });
export type EditedTicket = z.output<typeof EditedTicket>;

export const MoveTicket = z
  .strictObject({
    id: TicketRef,
    ifVersion: IfVersion,
    status: Status,
    holdReason: HoldReason.describe('Required to put on hold, and only there').optional(),
    resolution: Resolution.describe('Required to resolve, and to close what is not resolved').optional(),
  })
  .meta({ examples: [{ status: 'resolved', resolution: { code: 'fixed', note: 'Replaced the switch.' } }] });
export type MoveTicket = z.output<typeof MoveTicket>;

export const GetTicket = z.strictObject({ id: TicketRef });
export type GetTicket = z.output<typeof GetTicket>;

/** The id of a ticket in the system that it came from. */
export const SourceId = text({ max: 200, line: true })
  .regex(/^\P{Cc}*$/u, 'Must not hold control characters')
  .meta({ minLength: 1, maxLength: 200, pattern: linePattern() });

export const eventTypes = ['created', 'updated', 'status_changed', 'reopened'] as const;
export type EventType = (typeof eventTypes)[number];

export const TicketEvent = z
  .strictObject({
    seq: z.int().min(1).describe('1, 2, 3… within the ticket, without a gap'),
    ticketId: TicketId,
    type: z.enum(eventTypes),
    at: time('When it happened'),
    actor: ActorView,
    changes: z
      .record(z.string(), z.strictObject({ from: z.unknown(), to: z.unknown() }))
      .describe('For each changed field its value before and after; null is none'),
    requestId: z.string().nullable().describe('Of the request that made it'),
  })
  .meta({
    id: 'TicketEvent',
    description: 'One recorded change of a ticket; never changed, never deleted',
    examples: [
      {
        seq: 2,
        ticketId: 42,
        type: 'status_changed',
        at: '2026-01-31T09:41:12.345Z',
        actor: { id: '00000000-0000-7000-8000-000000000001', kind: 'user', name: 'Administrator' },
        changes: { status: { from: 'open', to: 'in_progress' } },
        requestId: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d10',
      },
    ],
  });
export type TicketEvent = z.output<typeof TicketEvent>;

export const TicketHistory = z.strictObject({ id: TicketRef, ...pageFields });
export type TicketHistory = z.output<typeof TicketHistory>;

export const Lifecycle = z
  .strictObject({
    initial: Status,
    statuses: z.array(Status),
    holdReasons: z.array(HoldReason),
    resolutionCodes: z.array(z.enum(resolutionCodes)),
    transitions: z.array(
      z.strictObject({
        from: Status,
        to: Status,
        requires: z.array(z.enum(['holdReason', 'resolution'])).describe('What the move must bring along'),
        reopens: z.boolean().describe('Clears the resolution, counts one more reopening'),
        leadsOnly: z.boolean().describe('Only leads and administrators may make it'),
      }),
    ),
  })
  .meta({
    id: 'Lifecycle',
    description: 'Every move that a ticket can make',
    examples: [
      {
        initial: 'open',
        statuses: ['open', 'closed'],
        holdReasons: ['vendor'],
        resolutionCodes: ['fixed'],
        transitions: [
          { from: 'open', to: 'closed', requires: ['resolution'], reopens: false, leadsOnly: false },
        ],
      },
    ],
  });
export type Lifecycle = z.output<typeof Lifecycle>;
