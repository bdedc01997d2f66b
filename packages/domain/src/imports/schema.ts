import { z } from 'zod';
import { text, timestamp, uuid } from '../core/index.ts';
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

const Key = z.string().regex(/^[\w-]{1,64}$/, 'Must be 1 to 64 letters, digits, - or _');

const ImportEntry = z
  .strictObject({
    id: SourceId.describe('The id in the source'),
    aliases: z
      .array(SourceId)
      .max(5)
      .describe('Other ids of the same ticket; one under which it came in before is gone on with')
      .optional(),
    key: Key.describe(
      'What the source itself tells this entry from the others of its id by. With a key an entry is known wherever it stands in a file; without one by its position',
    ).optional(),
    after: Key.describe(
      'The key of the entry before this one; needed only where an entry is older than one that comes before it',
    ).optional(),
    position: z
      .int()
      .min(0)
      .max(2_147_483_647)
      .describe(
        'The place of this entry in the history of its id: 0 creates, later ones follow in order. An entry of position 0 at another time than the ticket was opened, and what follows it in the call, is refused (`import.other_opening`) unless `overwrite` says that it is the same ticket',
      ),
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
    overwrite: z
      .boolean()
      .describe(
        'Take the value of the source where a field was changed here since; otherwise it stays, and is reported',
      )
      .optional(),
    dryRun: z.boolean().describe('Answer what would become of the entries, and write nothing').optional(),
    run: uuid()
      .describe('The same for every call of one import; the people of a run are one entry in the audit')
      .optional(),
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

const Conflict = z.strictObject({
  index: z.int().min(0).describe('The place in `entries`'),
  fields: z
    .array(
      z.strictObject({
        field: z.string(),
        kept: z
          .unknown()
          .describe('What the ticket has, as it was changed here; not told to a token without `tickets:read`')
          .optional(),
        source: z.unknown().describe('What the entry says'),
      }),
    )
    .min(1),
});
export type Conflict = z.output<typeof Conflict>;

export const AppendedImport = z
  .strictObject({
    created: z.int().min(0).describe('Tickets made'),
    events: z.int().min(0).describe('Events written, those of creation included'),
    skipped: z
      .int()
      .min(0)
      .describe(
        'Entries that were taken over before; of these, people and teams still count if no earlier import named them',
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
    conflicts: z
      .array(Conflict)
      .describe(
        'Fields that the source changed and that were changed here as well, or that the entry taken over last has otherwise than before, and so were left as they are; send the same entries with `overwrite` to take the source instead',
      ),
  })
  .meta({
    id: 'AppendedImport',
    description: 'What became of the entries',
    examples: [{ created: 1, events: 1, skipped: 0, rejected: [], conflicts: [] }],
  });
export type AppendedImport = z.output<typeof AppendedImport>;
