import type { Context } from '../core/index.ts';
import { hasEmail, readableTeams, readableUsers, userColumns } from '../identity/index.ts';
import { readable as readableServices } from '../services/index.ts';
import { wrongQuery } from './errors.ts';
import type { Name, Query, ReferenceField } from './tree.ts';

/** The ids that the names in a query stand for, by the name as it was written. */
export type Ids = ReadonlyMap<Name, readonly string[]>;

/** Of several with one name, so many count. */
const MOST_NAMESAKES = 100;

/**
 * Finds whom and what the names in a query mean, as far as the caller may see them.
 * @throws query.invalid for a name that means nobody and nothing to the caller
 */
export async function findNames(ctx: Context, query: Query): Promise<Ids> {
  const found = new Map<Name, readonly string[]>();
  for (const { field, name } of namesIn(query)) {
    const ids = await idsOf(ctx, field, name.text);
    if (ids.length === 0)
      throw wrongQuery(name.at, `There is no ${what[field]} "${name.text}" that you may see`);
    found.set(name, ids);
  }
  return found;
}

const what: Readonly<Record<ReferenceField, string>> = {
  assignee: 'user',
  requester: 'user',
  team: 'team',
  service: 'service',
};

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

async function idsOf(ctx: Context, field: ReferenceField, text: string): Promise<string[]> {
  switch (field) {
    case 'team':
      return ids(readableTeams(ctx).whereRaw(...called('teams', text)));
    case 'service':
      return ids(readableServices(ctx).whereRaw(...called('services', text)));
    default:
      return userIds(ctx, text);
  }
}

/** By email as far as the caller may see it, else by name. */
async function userIds(ctx: Context, text: string): Promise<string[]> {
  if (text.includes('@')) {
    const { sql, bindings } = ctx.ability.where('read', 'User', { columns: userColumns, field: 'email' });
    const byEmail = await ids(
      readableUsers(ctx)
        .whereRaw(...hasEmail(text))
        .whereRaw(sql, bindings),
    );
    if (byEmail.length > 0) return byEmail;
  }
  return ids(readableUsers(ctx).whereRaw(...called('users', text)));
}

const called = (table: string, name: string): [string, string[]] => [
  `lower(${table}.name) collate "C" = lower(?)`,
  [name],
];

async function ids(query: {
  limit(most: number): PromiseLike<{ readonly id: string }[]>;
}): Promise<string[]> {
  return (await query.limit(MOST_NAMESAKES)).map(({ id }) => id);
}
