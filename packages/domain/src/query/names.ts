import { all, ask, type Context, NameOrder, type SqlCondition } from '../core/index.ts';
import { hasEmail, teamColumns, userColumns } from '../identity/index.ts';
import { serviceColumns } from '../services/index.ts';
import { ticketColumns } from '../tickets/index.ts';
import { wrongQuery } from './errors.ts';
import { closest } from './nearest.ts';
import type { Name, Query, ReferenceField } from './tree.ts';

/** The ids that the names in a query stand for, by the name as it was written. */
export type Ids = ReadonlyMap<Name, readonly string[]>;

/** What a name in a saved query stands for: it goes on to mean them, whoever asks and whatever they are called by then. */
export interface KeptName {
  readonly field: ReferenceField;
  readonly name: string;
  readonly ids: readonly string[];
}

/** So many that have a name, or could be meant by one, are looked at. */
const MAX_SCANNED = 1000;

/**
 * Finds whom and what the names in a query mean, as far as the caller may know them: those they may see, and those that
 * the tickets name which they may see.
 * @param kept what names meant when the query was saved
 * @throws query.invalid for a name that means nobody and nothing to the caller
 */
export async function findNames(ctx: Context, query: Query, kept: readonly KeptName[] = []): Promise<Ids> {
  const found = new Map<Name, readonly string[]>();
  for (const { field, name } of namesIn(query)) {
    const known = kept.find((one) => one.field === field && one.name === folded(name.text));
    const ids = known?.ids ?? (await idsOf(ctx, field, name.text));
    if (ids.length === 0) throw wrongQuery(name.at, await nobody(ctx, field, name.text));
    found.set(name, ids);
  }
  return found;
}

/** What the names in a query mean, to be kept with it. */
export const keptNames = (query: Query, ids: Ids): KeptName[] =>
  namesIn(query).map(({ field, name }) => ({ field, name: folded(name.text), ids: ids.get(name) ?? [] }));

const folded = (name: string): string => name.toLowerCase();

function namesIn(query: Query): { field: ReferenceField; name: Name }[] {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.parts.flatMap(namesIn);
    case 'not':
      return namesIn(query.part);
    case 'refersTo':
      return query.names.filter(({ kind }) => kind === 'name').map((name) => ({ field: query.field, name }));
    default:
      return [];
  }
}

/** What a field refers to, and where that stands. */
interface Referred {
  readonly what: string;
  readonly subject: 'User' | 'Team' | 'Service';
  readonly table: 'users' | 'teams' | 'services';
  readonly columns: Readonly<Record<string, string>>;
}

const people: Referred = { what: 'user', subject: 'User', table: 'users', columns: userColumns };
const referred: Readonly<Record<ReferenceField, Referred>> = {
  assignee: people,
  requester: people,
  team: { what: 'team', subject: 'Team', table: 'teams', columns: teamColumns },
  service: { what: 'service', subject: 'Service', table: 'services', columns: serviceColumns },
};

const readable = ({ ability }: Context, { subject, columns }: Referred, field = 'id'): SqlCondition =>
  ability.where('read', subject, { columns, field });

const condition = ([sql, bindings]: [string, string[]]): SqlCondition => ({ sql, bindings });

/** By email as far as the caller may see it, else by name. */
async function idsOf(ctx: Context, field: ReferenceField, text: string): Promise<string[]> {
  const to = referred[field];
  if (to.subject === 'User' && text.includes('@')) {
    const byEmail = await those(ctx, to, [condition(hasEmail(text)), readable(ctx, to, 'email')]);
    if (byEmail.length > 0) return idsIn(byEmail);
  }
  const called = { sql: `lower(${to.table}.name) collate "C" = lower(?)`, bindings: [text] };
  const seen = await those(ctx, to, [called, readable(ctx, to)]);
  return idsIn(seen.length > 0 ? seen : await those(ctx, to, [called, inTickets(ctx, field)]));
}

/** Whom or what a ticket names that the caller may see: so they know of them. */
function inTickets({ ability }: Context, field: ReferenceField): SqlCondition {
  const visible = ability.where('read', 'Ticket', { columns: ticketColumns });
  const refers = `${ticketColumns[`${field}Id`]} = ${referred[field].table}.id`;
  return {
    sql: `exists (select from tickets where ${refers} and ${visible.sql})`,
    bindings: visible.bindings,
  };
}

/** Those of which all of this is so, by name. */
async function those(
  { db }: Context,
  { table }: Referred,
  conditions: readonly SqlCondition[],
): Promise<{ id: string; name: string }[]> {
  const { sql, bindings } = all(conditions);
  return ask(db, {
    sql: `select id, name from ${table} where ${sql} order by lower(name) collate "C" limit ${MAX_SCANNED}`,
    bindings,
    plannedEachTime: true,
  });
}

const idsIn = (some: readonly { id: string }[]): string[] => some.map(({ id }) => id);

/** That a name means nobody, and who may have been meant of those whom the caller may see. */
async function nobody(ctx: Context, field: ReferenceField, text: string): Promise<string> {
  const to = referred[field];
  if (to.subject === 'User' && text.includes('@'))
    return `There is no user with the email "${text}" that you may see; whose email is not shown to you is named by name or id`;
  const close = await proposed(ctx, to, text);
  const hint =
    close === null ? '' : `; did you mean ${field}:${/^[^\s",()]+$/.test(close) ? close : quoted(close)}?`;
  return `There is no ${to.what} "${text}" that you may see${hint}`;
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** A name that begins so, or one that is spelt nearly so. */
async function proposed(ctx: Context, to: Referred, text: string): Promise<string | null> {
  const { scopes } = ctx.caller.credential;
  // A token that may not list people and teams must not spell them out by one letter after the other.
  if (scopes !== null && !scopes.includes('users:read')) return null;
  const beginsSo = condition(new NameOrder(to.table, {}).beginsWith(text));
  const [first] = await those(ctx, to, [beginsSo, readable(ctx, to)]);
  if (first) return first.name;
  const names = (await those(ctx, to, [readable(ctx, to)])).map(({ name }) => name);
  return closest(text, names);
}
