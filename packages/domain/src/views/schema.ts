import { z } from 'zod';
import { isId, linePattern, pageFields, Reference, text, uuid } from '../core/index.ts';
import { MAX_QUERY_LENGTH } from '../query/index.ts';

export const sorts = ['createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'priority', '-priority'] as const;
export type Sort = (typeof sorts)[number];

export const Sort = z
  .enum(sorts)
  .describe('In this order, with `-` the other way round; `-createdAt` (newest first) unless told otherwise');

/** What a view can show of a ticket. */
export const viewColumns = [
  'key',
  'title',
  'type',
  'status',
  'holdReason',
  'priority',
  'impact',
  'urgency',
  'requester',
  'assignee',
  'team',
  'service',
  'restricted',
  'tags',
  'reopenCount',
  'createdAt',
  'updatedAt',
  'resolvedAt',
  'closedAt',
] as const;

export const sharings = ['private', 'team', 'all'] as const;

const Name = text({ max: 200, line: true, name: true })
  .regex(/^\P{Cc}*$/u, 'Must not hold control characters')
  .refine((name) => !isId(name), 'Must not look like an id, by which views are named, too')
  .meta({ minLength: 1, maxLength: 200, pattern: linePattern() });
const Columns = z
  .array(z.enum(viewColumns))
  .min(1)
  .max(viewColumns.length)
  .describe('What is shown of each ticket, from left to right, each once');
const Sharing = z.enum(sharings).describe('Who sees it: its owner, a team as well, or everybody');
const Query = text({ max: MAX_QUERY_LENGTH }).describe(
  'As `q` of a list takes it; `me` is whoever looks (docs/query-language.md)',
);

export const View = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    query: z
      .string()
      .describe('Absent where it names teams, people or services that the caller may not know of')
      .optional(),
    sort: Sort,
    columns: z.array(z.enum(viewColumns)),
    sharing: Sharing,
    team: Reference.nullable()
      .describe('The team that it is shared with; absent for those who may not know of it')
      .optional(),
    owner: Reference.nullable()
      .describe(
        'Null for those that come with the desk, which nobody can change; absent for those who may not know of them',
      )
      .optional(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'View',
    description: 'A saved search. Whoever looks at it sees of its tickets those that they may see',
    examples: [
      {
        id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d15',
        name: 'Network, urgent',
        query: 'team:Network priority:urgent is:unresolved',
        sort: '-updatedAt',
        columns: ['key', 'title', 'status', 'assignee'],
        sharing: 'team',
        team: { id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d13', name: 'Network' },
        owner: { id: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d12', name: 'Night shift' },
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  });
export type View = z.output<typeof View>;

const writable = {
  name: Name,
  query: Query,
  sort: Sort,
  columns: Columns,
  sharing: Sharing,
  teamId: uuid().nullable().describe('The team that it is shared with; with `sharing: team`, and only there'),
};

export const CreateView = z
  .strictObject({ ...z.object(writable).partial().shape, name: Name, query: Query })
  .meta({ examples: [{ name: 'Network, urgent', query: 'team:Network priority:urgent is:unresolved' }] });
export type CreateView = z.output<typeof CreateView>;

export const EditView = z
  .strictObject({ id: uuid(), ...z.object(writable).partial().shape })
  .meta({ examples: [{ name: 'Network, most urgent first', sort: '-priority' }] });
export type EditView = z.output<typeof EditView>;

export const GetView = z.strictObject({
  id: text({ max: 200, line: true, name: true }).describe('Its id or its name'),
});
export type GetView = z.output<typeof GetView>;

export const DeleteView = z.strictObject({ id: uuid() });
export type DeleteView = z.output<typeof DeleteView>;

export const ListViews = z.strictObject({ ...pageFields }).prefault({});
export type ListViews = z.output<typeof ListViews>;
