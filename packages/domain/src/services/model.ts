import { Model, type QueryBuilder, snakeCaseMappers } from 'objection';
import type { Ability } from '../core/index.ts';
import type { Service } from './schema.ts';

/** A row of `services`, with the name of its team where the query joins it. */
export class ServiceRow extends Model {
  static override tableName = 'services';
  static override columnNameMappers = snakeCaseMappers();

  declare id: string;
  declare name: string;
  declare teamId: string;
  declare teamName: string;
  declare createdAt: string;
  declare updatedAt: string;
  declare QueryBuilderType: QueryBuilder<this, this[]>;
}

/** Where the fields stand that permissions on services are about. */
export const serviceColumns = { id: 'services.id' };

/** A service as this person may see it: a field that they may not see is absent. */
export function serviceOf(ability: Ability, row: ServiceRow): Service {
  const { id, name, teamId, teamName, createdAt, updatedAt } = row;
  const whole = { id, name, team: { id: teamId, name: teamName }, createdAt, updatedAt };
  const hidden = new Set(
    ability.refusedFields('read', 'Service', { row: { id }, fields: Object.keys(whole) }),
  );
  return Object.fromEntries(Object.entries(whole).filter(([field]) => !hidden.has(field))) as Service;
}
