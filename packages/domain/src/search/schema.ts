import { z } from 'zod';
import { pageFields, pageOf, text, timestamp } from '../core/index.ts';
import { conditionNames, MAX_QUERY_LENGTH, MAX_TERMS } from '../query/index.ts';
import { ListedTicket, listedFields, priorities, statuses, Tag, ticketTypes } from '../tickets/index.ts';
import { Sort } from '../views/index.ts';

const listOf = <T extends z.ZodType>(value: T, what: string) =>
  z
    .array(value)
    .min(1)
    .max(MAX_TERMS)
    .describe(`${what}; several with commas between, and in quotes what has a comma itself`)
    .optional();

const Name = text({ max: 254, line: true });
const people = 'an id, an email or a name, `me`, or `none`';

/** `system:id`; only the first colon divides, for the other system's id may hold more of them. */
const Source = z
  .string()
  .regex(/^[a-z0-9_-]{1,50}:\P{Cc}{1,200}$/u, 'Must be a system and an id there, such as servicenow:0000045')
  .refine((value) => value.isWellFormed(), 'Must be Unicode text without lone surrogates')
  .describe('What came from elsewhere, by `system:id`');

const moment = (what: string) => timestamp().describe(what).optional();

/** What a search is narrowed by; all of it must hold. */
export const filterFields = {
  q: text({ max: MAX_QUERY_LENGTH })
    .describe(
      'A query, such as `disk "no space left" -test status:open assignee:me updated:<7d`: words (`disk`), phrases (`"no space"`), beginnings (`databas*`), ' +
        'what is left out (`-test`), `OR` and parentheses, keys (`INC-42`), and fields with a value right behind the colon, or several with commas between: ' +
        '`status:`, `priority:` (also `>=high`), `type:`, `tag:`; `assignee:`, `requester:`, `team:`, `service:` (a name, an id, `me`, `none`); ' +
        '`created:`, `updated:`, `resolved:`, `closed:` (`2026-01`, `>2026-01-31`, `2026-01..2026-02`, `<7d`, `today`); `title:`, `source:` (`servicenow:0000045`, or a number alone); ' +
        `\`is:\` with ${conditionNames.join(', ')}`,
    )
    .optional(),
  view: text({ max: 200, line: true, name: true })
    .describe(
      'A saved view, by its id or its name: its query, and in a list its order unless `sort` says another',
    )
    .optional(),
  status: listOf(z.enum(statuses), 'In one of these states'),
  priority: listOf(z.enum(priorities), 'Of one of these priorities'),
  type: listOf(z.enum(ticketTypes), 'Of one of these types'),
  assignee: listOf(Name, `Who works on it: ${people}`),
  team: listOf(Name, 'The team that works on it: an id or a name, `me` (one of yours), or `none`'),
  requester: listOf(Name, `Whom it is for: ${people}`),
  service: listOf(Name, 'What it is about: an id or a name, or `none`'),
  tag: listOf(Tag, 'Has one of these tags'),
  source: Source.optional(),
  createdAfter: moment('Opened at this moment or later'),
  createdBefore: moment('Opened before this moment'),
  updatedAfter: moment('Last changed at this moment or later'),
  updatedBefore: moment('Last changed before this moment'),
};

/** Whoever mistypes more words than these is not understood. */
export const MAX_CORRECTED_WORDS = 5;

const guessed = z
  .array(z.string())
  .min(1)
  .max(MAX_CORRECTED_WORDS)
  .describe(
    'Words of the query that no ticket has as they are written: those are meant that differ from them by one mistake. Not there where nothing was guessed',
  )
  .optional();

const watermark = z.iso
  .datetime()
  .describe(
    'Told where the list is sorted by `updatedAt` or narrowed by `updatedAfter`, but for pages by `offset`: every change before this moment was visible to the first page. Whoever follows changes asks next with it as `updatedAfter`, and drops versions that they have seen; histories that are imported keep their own, older times',
  )
  .optional();

export const TicketPage = pageOf(ListedTicket, 'TicketPage', { guessed, watermark });
export type TicketPage = z.output<typeof TicketPage>;

const Fields = z
  .array(z.enum(listedFields))
  .min(1)
  .max(listedFields.length)
  .describe(
    'Only these fields of each ticket, and its `id`; several with commas between. With `description` it is whole, and a page of long ones has fewer tickets; without `fields` a ticket has all fields, and the beginning of its description',
  )
  .optional();

export const ListTickets = z
  .strictObject({ ...filterFields, sort: Sort.optional(), fields: Fields, ...pageFields })
  .prefault({});
export type ListTickets = z.output<typeof ListTickets>;

export const CountTickets = z.strictObject(filterFields).prefault({});
export type CountTickets = z.output<typeof CountTickets>;
export type Filters = CountTickets;

const estimated = z
  .boolean()
  .describe('True: there are more than 10,000, and the figure may be off by up to 10 %');

export const TicketCount = z.strictObject({ count: z.int().min(0), estimated, guessed }).meta({
  id: 'TicketCount',
  description: 'How many tickets there are',
  examples: [{ count: 42, estimated: false }],
});
export type TicketCount = z.output<typeof TicketCount>;

export const facetFields = ['status', 'priority', 'type', 'team', 'assignee', 'service', 'tag'] as const;
export type FacetField = (typeof facetFields)[number];

export const FacetTickets = z
  .strictObject({
    by: z
      .array(z.enum(facetFields), {
        error: ({ code }) =>
          code === 'invalid_type' ? 'Say which fields to count by, such as status,priority' : undefined,
      })
      .min(1)
      .max(facetFields.length)
      .describe('The fields to count by; several with commas between'),
    ...filterFields,
  })
  .prefault({} as never);
export type FacetTickets = z.output<typeof FacetTickets>;

/** So many values of a field at most, the most common ones. */
export const MAX_VALUES = 50;
/** So many tickets are told apart one by one; of more, a sample. */
export const MAX_READ = 150_000;

const Facet = z.strictObject({
  value: z.string().nullable().describe('The value, or the id of the team, person or service; null for none'),
  name: z.string().optional().describe('Of a team, a person or a service'),
  count: z.int().min(0),
});
export type Facet = z.output<typeof Facet>;

export const TicketFacets = z
  .strictObject({
    facets: z
      .partialRecord(z.enum(facetFields), z.array(Facet))
      .describe(`For each field its ${MAX_VALUES} most common values, the most common first`),
    estimated: z
      .boolean()
      .describe(
        `True: there are more than ${MAX_READ.toLocaleString('en')}, and the figures are those of a sample: off by up to 10 % where at least one of 24 tickets has the value, and else perhaps by more`,
      ),
    guessed,
  })
  .meta({
    id: 'TicketFacets',
    description: 'How many tickets there are of each value',
    examples: [
      {
        facets: {
          status: [
            { value: 'open', count: 31 },
            { value: 'on_hold', count: 11 },
          ],
        },
        estimated: false,
      },
    ],
  });
export type TicketFacets = z.output<typeof TicketFacets>;
