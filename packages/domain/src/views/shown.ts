import { type Context, DomainError, type SubjectName } from '../core/index.ts';
import { type KeptName, keptNames, parseQuery } from '../query/index.ts';
import { type ViewRow, viewOf } from './model.ts';
import type { View } from './schema.ts';

const subjects: Readonly<Record<KeptName['field'], SubjectName>> = {
  assignee: 'User',
  requester: 'User',
  team: 'Team',
  service: 'Service',
};

/**
 * A view as the caller may see it. A view that is shared must not tell what its reader may not know: the names of teams,
 * people (also by email) and services in its query, its team and its owner are absent then.
 */
export function shownView(ctx: Context, row: ViewRow): View {
  const view = viewOf(row);
  if (row.ownerId === ctx.caller.id) return view;
  const { query, team, owner, ...rest } = view;
  const mayKnow = (subject: SubjectName, id: string, field = 'name'): boolean =>
    ctx.ability.can('read', subject, { row: { id }, field });
  return {
    ...rest,
    ...(namedIn(ctx, row)?.every(({ field, name, ids }) =>
      ids.every((id) => mayKnow(subjects[field], id, name.includes('@') ? 'email' : 'name')),
    )
      ? { query }
      : {}),
    ...(!team || mayKnow('Team', team.id) ? { team } : {}),
    ...(!owner || mayKnow('User', owner.id) ? { owner } : {}),
  };
}

/** The names in a view's query with what they mean; null where a name means nobody knows what, or the query is of another time. */
function namedIn(ctx: Context, { query, names }: ViewRow): KeptName[] | null {
  try {
    const written = keptNames(parseQuery(query, ctx.clock.now()), new Map());
    const meant = written.map(({ field, name }) =>
      names.find((kept) => kept.field === field && kept.name === name && kept.ids.length > 0),
    );
    const known = meant.filter((name) => name !== undefined);
    return known.length === written.length || readsAll(ctx) ? known : null;
  } catch (error) {
    if (error instanceof DomainError) return readsAll(ctx) ? [] : null;
    throw error;
  }
}

/** Whether the caller may know every person, team and service, whatever their ids are. */
const readsAll = ({ ability }: Context): boolean =>
  Object.values(subjects).every((subject) =>
    ability.can('read', subject, { row: { id: '' }, field: subject === 'User' ? 'email' : 'name' }),
  );
