import { z } from 'zod';
import { text, timestamp } from '../core/index.ts';
import { Name } from '../identity/index.ts';
import { CreateTicket, MoveTicket, SourceId } from '../tickets/index.ts';

const { title, description, type, priority, impact, urgency, restricted, tags } = CreateTicket.shape;
const { status, holdReason, resolution } = MoveTicket.shape;

/** Somebody, or a team, of the source; met for the first time they become a user who is not active, or a team. */
const Imported = z
  .strictObject({ id: SourceId.describe('The id in the source'), name: Name })
  .nullable()
  .optional();

/** How a ticket looked in its source after one saved change; a field that is left out is as it was. */
const Snapshot = z.strictObject({
  title: title.optional(),
  description,
  type,
  priority,
  impact,
  urgency,
  restricted,
  tags,
  requester: Imported.describe('Whom it was for'),
  assignee: Imported.describe('Who worked on it'),
  team: Imported.describe('The team that worked on it'),
  status: status.optional(),
  holdReason,
  resolution,
});

const ImportEntry = z
  .strictObject({
    id: SourceId.describe('The id in the source'),
    position: z
      .int()
      .min(0)
      .max(2_147_483_647)
      .describe('The place of this entry in the history of its id: 0 creates, later ones follow in order'),
    at: timestamp().describe('When it happened there'),
    by: text({ max: 200, line: true }).describe('Who did it, as the source has it'),
    ticket: Snapshot.describe('How the ticket looked afterwards'),
  })
  .meta({ id: 'ImportEntry', description: "One saved change in another system's history of a ticket" });
export type ImportEntry = z.output<typeof ImportEntry>;

export const AppendImport = z
  .strictObject({
    system: z
      .string()
      .regex(/^[a-z0-9_-]{1,50}$/, 'Must be 1 to 50 lower-case letters, digits, - or _')
      .describe('The source, as in `source.system` of its tickets'),
    entries: z.array(ImportEntry).min(1).max(1000),
  })
  .meta({
    examples: [
      {
        system: 'servicenow',
        entries: [
          {
            id: '0000045',
            position: 0,
            at: '2016-02-29T01:16:00.000Z',
            by: '8',
            ticket: {
              title: 'Category 55, subcategory 170, symptom 72',
              impact: 'medium',
              urgency: 'medium',
              requester: { id: 'caller:2403', name: 'Caller 2403' },
            },
          },
        ],
      },
    ],
  });
export type AppendImport = z.output<typeof AppendImport>;

export const AppendedImport = z
  .strictObject({
    created: z.int().min(0).describe('Tickets made'),
    events: z.int().min(0).describe('Events written, those of creation included'),
    skipped: z
      .int()
      .min(0)
      .describe(
        'Entries up to the position that their id had reached before; of these, people and teams still count if no earlier import named them',
      ),
    rejected: z
      .array(
        z.strictObject({
          index: z.int().min(0).describe('The place in `entries`'),
          code: z.string(),
          detail: z.string(),
        }),
      )
      .describe('Entries that the rules refuse; they change nothing, and the others go in'),
  })
  .meta({
    id: 'AppendedImport',
    description: 'What became of the entries',
    examples: [{ created: 1, events: 1, skipped: 0, rejected: [] }],
  });
export type AppendedImport = z.output<typeof AppendedImport>;
