import { Model, type QueryBuilder, snakeCaseMappers } from 'objection';
import type { KeptName } from '../query/index.ts';
import type { Sort, sharings, View, viewColumns } from './schema.ts';

/** A row of `views`, with the names of what it refers to where the query joins them (`withNames`). */
export class ViewRow extends Model {
  static override tableName = 'views';
  static override columnNameMappers = snakeCaseMappers();
  // Objection would write every list as JSON.
  static override jsonAttributes = ['names'];

  declare id: string;
  declare name: string;
  declare query: string;
  /** Whom and what the names in the query mean. */
  declare names: readonly KeptName[];
  declare sort: Sort;
  declare columns: (typeof viewColumns)[number][];
  declare sharing: (typeof sharings)[number];
  declare teamId: string | null;
  declare ownerId: string | null;
  declare teamName: string | null;
  declare ownerName: string | null;
  declare createdAt: string;
  declare updatedAt: string;
  declare QueryBuilderType: QueryBuilder<this, this[]>;
}

/** Where the fields stand that permissions on views are about. */
export const viewFields = {
  ownerId: 'views.owner_id',
  teamId: 'views.team_id',
  sharing: 'views.sharing',
};

/** Joins the names of a view's owner and team. */
export const withNames = <Q extends ViewRow['QueryBuilderType'] | QueryBuilder<ViewRow, never>>(
  query: Q,
): Q =>
  query
    .leftJoin('users as owner', 'owner.id', 'views.owner_id')
    .leftJoin('teams as team', 'team.id', 'views.team_id')
    .select('views.*', 'owner.name as owner_name', 'team.name as team_name') as unknown as Q;

/** A row as every door shows it. */
export const viewOf = (row: ViewRow): View => ({
  id: row.id,
  name: row.name,
  query: row.query,
  sort: row.sort,
  columns: row.columns,
  sharing: row.sharing,
  team: row.teamId === null ? null : { id: row.teamId, name: String(row.teamName) },
  owner: row.ownerId === null ? null : { id: row.ownerId, name: String(row.ownerName) },
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});
