import { Model, type QueryBuilder, snakeCaseMappers } from 'objection';
import type { Ability, Role } from '../core/index.ts';
import type { OwnUser, Team, User } from './schema.ts';

/** A row of `users`. */
export class UserRow extends Model {
  static override tableName = 'users';
  static override columnNameMappers = snakeCaseMappers();

  declare id: string;
  declare email: string | null;
  declare name: string;
  declare role: Role;
  declare kind: 'person' | 'service';
  declare active: boolean;
  declare sourceSystem: string | null;
  declare sourceId: string | null;
  declare createdAt: string;
  declare updatedAt: string;
  declare QueryBuilderType: QueryBuilder<this, this[]>;
}

/** A row of `teams`. */
export class TeamRow extends Model {
  static override tableName = 'teams';
  static override columnNameMappers = snakeCaseMappers();

  declare id: string;
  declare name: string;
  declare sourceSystem: string | null;
  declare sourceId: string | null;
  declare createdAt: string;
  declare updatedAt: string;
  declare QueryBuilderType: QueryBuilder<this, this[]>;
}

/** A row of `team_members`. */
export class TeamMemberRow extends Model {
  static override tableName = 'team_members';
  static override idColumn = ['team_id', 'user_id'];
  static override columnNameMappers = snakeCaseMappers();

  declare teamId: string;
  declare userId: string;
}

interface Sourced {
  readonly sourceSystem: string | null;
  readonly sourceId: string | null;
}

const sourceOf = ({ sourceSystem, sourceId }: Sourced): Team['source'] =>
  sourceSystem && sourceId ? { system: sourceSystem, id: sourceId } : null;

/** Where the fields stand that permissions on users and teams are about. */
export const userColumns = { id: 'users.id' };
export const teamColumns = { id: 'teams.id' };

/** A user whole, as only the user and those who look after people may see them. */
export const ownUserOf = (row: UserRow): OwnUser => {
  const { id, email, name, role, kind, active, createdAt, updatedAt } = row;
  return { id, email, name, role, kind, active, source: sourceOf(row), createdAt, updatedAt };
};

/** A user as this person may see them: a field that they may not see is absent. */
export function userOf(ability: Ability, row: UserRow): User {
  const whole = ownUserOf(row);
  const hidden = new Set(ability.refusedFields('read', 'User', { row, fields: Object.keys(whole) }));
  return Object.fromEntries(Object.entries(whole).filter(([field]) => !hidden.has(field))) as User;
}

/** A team as every door shows it. */
export const teamOf = (row: TeamRow): Team => ({
  id: row.id,
  name: row.name,
  source: sourceOf(row),
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});
