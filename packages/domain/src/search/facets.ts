import { all, ask, type Context, type SqlCondition, type Statement } from '../core/index.ts';
import { priorities, statuses, ticketColumns, ticketTypes } from '../tickets/index.ts';
import { countedBy, countOf, EXACT, MOST_COUNTED, SAMPLED, sampled, scaled, TOO_FEW } from './count.ts';
import { type Facet, type FacetField, type FacetTickets, MOST_VALUES, type TicketFacets } from './schema.ts';
import { withoutWalk } from './walks.ts';

/**
 * How many of the tickets as asked have each value of some fields, in one call.
 * @throws query.invalid
 */
export async function facets(ctx: Context, { by, ...filters }: FacetTickets): Promise<TicketFacets> {
  const condition = await countedBy(ctx, filters);
  const total = await countOf(ctx, condition);
  const counted: TicketFacets['facets'] = {};
  for (const field of new Set(by)) {
    const values = await (total > MOST_COUNTED ? estimated : exact)(ctx, condition, field);
    counted[field] = await named(ctx, field, values);
  }
  return { facets: counted, estimated: total > EXACT };
}

interface Counted {
  readonly value: string | null;
  readonly count: number;
}

/** Where a field's value stands; of tags there are several in a ticket. */
const columns: Readonly<Record<FacetField, string>> = {
  status: 'tickets.status',
  priority: 'tickets.priority',
  type: 'tickets.type',
  team: ticketColumns.teamId,
  assignee: ticketColumns.assigneeId,
  service: ticketColumns.serviceId,
  tag: 'tag.value',
};
/** The sample first: else it could be looked for among all tickets that have a word. */
const SAMPLE = `(select * from tickets where ${sampled(SAMPLED)} offset 0) as tickets`;

function statementOf(field: FacetField, { sql, bindings }: SqlCondition, source: string): Statement {
  const from = field === 'tag' ? `${source}, unnest(tickets.tags) as tag (value)` : source;
  return {
    sql: `select ${columns[field]}::text as value, count(*) from ${from} where ${sql}
      group by 1 order by count(*) desc, 1 limit ${MOST_VALUES}`,
    bindings,
    plannedEachTime: true,
  };
}

const exact = ({ db }: Context, condition: SqlCondition, field: FacetField): Promise<Counted[]> =>
  withoutWalk(db, statementOf(field, condition, 'tickets'));

/** Fields of which every value is known, however rare it is. */
const known: Partial<Record<FacetField, readonly string[]>> = {
  status: statuses,
  priority: priorities,
  type: ticketTypes,
};

/** By a sample; what is too rare in it for a good estimate is counted. */
async function estimated(ctx: Context, condition: SqlCondition, field: FacetField): Promise<Counted[]> {
  const found = await ask<Counted>(ctx.db, statementOf(field, condition, SAMPLE));
  const common = found.filter(({ count }) => count >= TOO_FEW);
  const unsure = [
    ...found.filter(({ count }) => count < TOO_FEW).map(({ value }) => value),
    ...(known[field] ?? []).filter((value) => !found.some((one) => one.value === value)),
  ];
  const rare = unsure.length > 0 ? await exact(ctx, all([valueIn(field, unsure), condition]), field) : [];
  return [...common.map(({ value, count }) => ({ value, count: scaled(count, SAMPLED) })), ...rare].sort(
    (one, other) => other.count - one.count,
  );
}

function valueIn(field: FacetField, values: readonly (string | null)[]): SqlCondition {
  const column = columns[field];
  const given = values.filter((value) => value !== null);
  if (field === 'tag')
    return {
      sql: '(tickets.tags && ?::text[] and tag.value = any(?::text[]))',
      bindings: [given, given],
    };
  // Its rank has an index.
  if (field === 'priority')
    return {
      sql: 'tickets.priority_rank = any(?::smallint[])',
      bindings: [given.map((value) => String((priorities as readonly string[]).indexOf(value) + 1))],
    };
  const type = column.endsWith('_id') ? 'uuid' : 'text';
  const isGiven = `(${column} is not null and ${column} = any(?::${type}[]))`;
  return given.length < values.length
    ? { sql: `(${isGiven} or ${column} is null)`, bindings: [given] }
    : { sql: isGiven, bindings: [given] };
}

const tables: Partial<Record<FacetField, string>> = { team: 'teams', assignee: 'users', service: 'services' };

/** With the names of what the values refer to. Whoever sees a ticket sees them in it, too. */
async function named(ctx: Context, field: FacetField, values: readonly Counted[]): Promise<Facet[]> {
  const table = tables[field];
  if (!table) return values.map(({ value, count }) => ({ value, count }));
  const ids = values.flatMap(({ value }) => value ?? []);
  const rows: { id: string; name: string }[] = await ctx.db(table).select('id', 'name').whereIn('id', ids);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return values.map(({ value, count }) => {
    const name = value === null ? undefined : names.get(value);
    return name === undefined ? { value, count } : { value, name, count };
  });
}
