import type { z } from 'zod';
import type { Context, Rule } from '../core/index.ts';
import { ownUserOf, TeamRow, teamOf, UserRow } from '../identity/index.ts';
import type { Me, RuleView } from './schema.ts';

/** A rule as data. */
export const ruleOf = ({
  action,
  subject,
  fields,
  conditions,
  inverted,
}: Rule): z.output<typeof RuleView> => ({
  action,
  subject,
  fields: fields ? [...fields] : null,
  conditions: conditions ?? null,
  inverted: inverted ?? false,
});

/** Who the caller is, and what they may do. */
export async function me({ db, caller, ability }: Context): Promise<Me> {
  const user = await UserRow.query(db).findById(caller.id).throwIfNotFound();
  const teams = await TeamRow.query(db)
    .findByIds([...caller.teamIds])
    .orderByRaw('lower(name), id');
  const { scopes } = caller.credential;
  return {
    user: ownUserOf(user),
    role: user.role,
    teams: teams.map(teamOf),
    permissions: ability.rules.map(ruleOf),
    scopes: scopes && [...scopes],
  };
}
