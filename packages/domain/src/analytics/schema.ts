import { z } from 'zod';
import { text, timestamp } from '../core/index.ts';
import { priorities } from '../tickets/index.ts';

/** What figures can be told apart by. */
export const divisions = ['day', 'week', 'team', 'service', 'priority'] as const;
export type Division = (typeof divisions)[number];

/** By day and by week at most so many rows. */
export const MAX_PERIODS = 400;
/** Of teams and services so many rows, those with most tickets opened and resolved. */
export const MAX_ROWS = 100;
/** So many resolutions are looked at one by one; of more, those of one ticket in sixteen. */
export const MAX_SCANNED = 100_000;

/** `timestamp` has the same bounds; beyond them the database has no days. */
const Day = z
  .union([z.iso.date({ abort: true }), timestamp()], 'Must be a date, such as 2026-01-31, or a time')
  .refine((day) => day >= '1900' && day < '9999', 'Must lie within the years 1900 to 9998');
const Name = text({ max: 254, line: true });

export const AskFigures = z
  .strictObject({
    from: Day.describe('The first day; of a time, the day that it lies in. Days are in UTC')
      .meta({ examples: ['2026-01-01'] })
      .optional(),
    to: Day.describe(
      'The day after the last one; of a time that is not midnight, its own day counts. Tomorrow unless told otherwise; `from` is then 30 days before',
    )
      .meta({ examples: ['2026-02-01'] })
      .optional(),
    by: z
      .enum(divisions)
      .default('day')
      .describe(`What the rows are: by day and week at most ${MAX_PERIODS} of them`),
    team: Name.describe(
      'Of this team only: an id or a name, `me` (yours), or `none`; by day and by week',
    ).optional(),
    service: Name.describe('Of this service only: an id, a name, or `none`; by day and by week').optional(),
    priority: z.enum(priorities).describe('Of this priority only; by day and by week').optional(),
  })
  .prefault({});
export type AskFigures = z.output<typeof AskFigures>;

const count = (what: string) => z.int().min(0).describe(what);
const seconds = (what: string) => z.number().min(0).describe(what);

export const Figures = z
  .strictObject({
    opened: count('Tickets that were opened in this time'),
    resolved: count('How often a ticket was resolved, or closed without having been resolved before'),
    reopened: count('How often a ticket was reopened'),
    reassigned: count('How often a ticket was taken from a person or a team that had it'),
    backlog: count('Tickets at the end of this time that were neither resolved, closed nor cancelled'),
    timeToResolve: z
      .strictObject({
        mean: seconds('Exact'),
        median: seconds('Half of them took no longer'),
        p90: seconds('Nine of ten took no longer'),
      })
      .nullable()
      .describe(
        'From when a ticket was opened to each time that it was resolved, in seconds; null where none was',
      ),
  })
  .meta({ id: 'Figures', description: 'What happened in a time' });
export type Figures = z.output<typeof Figures>;

const example = {
  opened: 12,
  resolved: 10,
  reopened: 1,
  reassigned: 4,
  backlog: 31,
  timeToResolve: { mean: 86_400, median: 14_400, p90: 259_200 },
};

export const TicketFigures = z
  .strictObject({
    from: z.iso.date().describe('The first day'),
    to: z.iso.date().describe('The day after the last one'),
    by: z.enum(divisions),
    rows: z
      .array(
        Figures.extend({
          key: z
            .string()
            .nullable()
            .describe(
              'The day, the Monday of the week, the priority, or the id of the team or service; null for none',
            ),
          name: z.string().optional().describe('Of a team or a service'),
        }).meta({
          id: 'FiguresRow',
          description: 'The figures of a day, a week, a team, a service or a priority',
        }),
      )
      .describe(
        `Every day and week, also those in which nothing happened; of teams and services the ${MAX_ROWS} busiest`,
      ),
    total: Figures.describe('Of all rows, also of those that are left out'),
    estimated: z
      .boolean()
      .describe(
        `True: there were more than ${MAX_SCANNED.toLocaleString('en')} resolutions, and median and p90 are those of one ticket in sixteen, by chance, but for the rows with the fewest resolutions: of n resolutions, as many percent as lie below may be more or less by 600/√n points (a sample's three standard deviations). Everything else is exact`,
      ),
  })
  .meta({
    id: 'TicketFigures',
    description: 'Figures of the tickets that the caller may see',
    examples: [
      {
        from: '2026-01-01',
        to: '2026-01-03',
        by: 'day',
        rows: [
          { key: '2026-01-01', ...example },
          { key: '2026-01-02', ...example, backlog: 33 },
        ],
        total: { ...example, opened: 24, resolved: 20, reopened: 2, reassigned: 8, backlog: 33 },
        estimated: false,
      },
    ],
  });
export type TicketFigures = z.output<typeof TicketFigures>;
