import { all, type Context, type SqlCondition } from '../core/index.ts';
import { priorities, statuses, ticketColumns, ticketTypes } from '../tickets/index.ts';
import { type Counted, countedBy, countOf } from './count.ts';
import { toldOf } from './guesses.ts';
import { type Sample, samplesFor } from './sample.ts';
import {
  type Facet,
  type FacetField,
  type FacetTickets,
  MAX_READ,
  MAX_VALUES,
  type TicketFacets,
} from './schema.ts';
import { withoutWalk } from './walks.ts';

/** Of a field's values so many tickets are counted one by one where a sample has too few of them. */
const MAX_RARE = 10_000;
/** A count of so many in a sample is off by more than 10 % about once in a thousand times. */
const ENOUGH = 1_000;

/**
 * How many of the tickets as asked have each value of some fields, in one call.
 * @throws query.invalid
 */
export async function facets(ctx: Context, { by, ...filters }: FacetTickets): Promise<TicketFacets> {
  const condition = await countedBy(ctx, filters);
  const total = await countOf(ctx, condition);
  const fields = [...new Set(by)];
  const isEstimated = total > MAX_READ;
  const tallies = isEstimated
    ? await estimated(ctx, condition, { fields, total })
    : await exact(ctx, condition, fields);
  const counted: TicketFacets['facets'] = {};
  for (const field of fields) counted[field] = await named(ctx, field, tallies.get(field) ?? []);
  return { facets: counted, estimated: isEstimated, ...toldOf(condition.guessed) };
}

interface Value {
  readonly value: string | null;
  readonly count: number;
}
type Tallies = Map<FacetField, readonly Value[]>;

/** Where a field's value stands; of tags there are several in a ticket. */
const columns: Readonly<Record<FacetField, string>> = {
  status: 'tickets.status',
  priority: 'tickets.priority',
  type: 'tickets.type',
  team: ticketColumns.teamId,
  assignee: ticketColumns.assigneeId,
  service: ticketColumns.serviceId,
  tag: 'tickets.tags',
};

/** Reads tickets once, and counts them by each field. */
function tallyOf(fields: readonly FacetField[], source: string, where: string): string {
  const chosen = fields.map((field) => `${columns[field]} as "${field}"`).join(', ');
  const counts = fields.map((field) => {
    const [value, from] =
      field === 'tag' ? ['value', 'chosen, unnest(tag) as value'] : [`"${field}"::text`, 'chosen'];
    return `(select '${field}' as field, ${value} as value, count(*) from ${from}
      group by 2 order by 3 desc, 2 limit ${MAX_VALUES})`;
  });
  return `with chosen as materialized (select ${chosen} from ${source} where ${where}) ${counts.join(' union all ')}`;
}

type Row = Value & { readonly field: FacetField };
const byField = (rows: readonly Row[]): Tallies => Map.groupBy(rows, ({ field }) => field);

const exact = async (
  { db }: Context,
  { sql, bindings }: SqlCondition,
  fields: readonly FacetField[],
): Promise<Tallies> =>
  byField(await withoutWalk<Row>(db, { sql: tallyOf(fields, 'tickets', sql), bindings }));

/** By samples; what is too rare in them for a good estimate is counted. Of tags the tickets themselves know alone. */
async function estimated(
  ctx: Context,
  condition: Counted,
  { fields, total }: { fields: readonly FacetField[]; total: number },
): Promise<Tallies> {
  const tallies: Tallies = new Map();
  const ofIndex: FacetField[] = condition.readsTickets ? [] : fields.filter((field) => field !== 'tag');
  const parts = [ofIndex, fields.filter((field) => !ofIndex.includes(field))];
  for (const part of parts.filter(({ length }) => length > 0)) {
    const asked = { ...condition, readsTickets: part !== ofIndex };
    const sample = (await samplesFor(ctx.db, asked, total)).at(-1) as Sample;
    const rows = await sample.ask<Row>(ctx.db, asked, (source, where) => tallyOf(part, source, where));
    const found = byField(rows);
    for (const field of part)
      tallies.set(field, await completed(ctx, condition, { field, sample, found: found.get(field) ?? [] }));
  }
  return tallies;
}

interface Sampled {
  readonly field: FacetField;
  readonly sample: Sample;
  readonly found: readonly Value[];
}

/** Fields of which every value is known, however rare it is. */
const known: Partial<Record<FacetField, readonly string[]>> = {
  status: statuses,
  priority: priorities,
  type: ticketTypes,
};

/** The values of a sample as values of all, the rarest ones counted as far as that is not too much to read. */
async function completed(
  ctx: Context,
  condition: Counted,
  { field, sample, found }: Sampled,
): Promise<Value[]> {
  const unseen = (known[field] ?? []).filter((value) => !found.some((one) => one.value === value));
  const unsure = [
    ...found.filter(({ count }) => count < ENOUGH),
    ...unseen.map((value) => ({ value, count: 0 })),
  ].sort((one, other) => one.count - other.count);
  const rare = affordable(unsure, sample.factor);
  const counted =
    rare.length > 0 ? (await exact(ctx, all([valueIn(field, rare), condition]), [field])).get(field) : [];
  const values = found
    .filter(({ value }) => !rare.includes(value))
    .map(({ value, count }) => ({ value, count: Math.round(count * sample.factor) }));
  return [...values, ...(counted ?? []).filter(({ value }) => rare.includes(value))]
    .map(({ value, count }) => ({ value, count }))
    .sort((one, other) => other.count - one.count);
}

/** Of values, the rarest first, as many as can be counted. */
function affordable(values: readonly Value[], factor: number): (string | null)[] {
  const rare: (string | null)[] = [];
  let read = 0;
  for (const { value, count } of values) {
    read += count * factor;
    if (read <= MAX_RARE) rare.push(value);
  }
  return rare;
}

function valueIn(field: FacetField, values: readonly (string | null)[]): SqlCondition {
  const column = columns[field];
  const given = values.filter((value) => value !== null);
  if (field === 'tag') return { sql: 'tickets.tags && ?::text[]', bindings: [given] };
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
async function named(ctx: Context, field: FacetField, values: readonly Value[]): Promise<Facet[]> {
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
