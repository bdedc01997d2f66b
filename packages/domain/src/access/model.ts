import { Model, type QueryBuilder, snakeCaseMappers } from 'objection';
import type { Scope } from '../core/index.ts';

/** A row of `tokens`: a session, or an API token; with the name of its owner where the query joins it. */
export class TokenRow extends Model {
  static override tableName = 'tokens';
  static override columnNameMappers = snakeCaseMappers();

  declare id: string;
  declare userId: string;
  declare userName: string;
  declare kind: 'session' | 'token';
  declare name: string;
  declare hash: Buffer;
  declare scopes: Scope[] | null;
  declare createdAt: string;
  declare expiresAt: string | null;
  declare lastUsedAt: string | null;
  declare revokedAt: string | null;
  declare QueryBuilderType: QueryBuilder<this, this[]>;
}

/** A row of `passwords`. */
export class PasswordRow extends Model {
  static override tableName = 'passwords';
  static override idColumn = 'user_id';
  static override columnNameMappers = snakeCaseMappers();

  declare userId: string;
  declare hash: string;
  declare changedAt: string;
}

/** A row of `password_resets`. */
export class PasswordResetRow extends Model {
  static override tableName = 'password_resets';
  static override idColumn = 'user_id';
  static override columnNameMappers = snakeCaseMappers();

  declare userId: string;
  declare hash: Buffer;
  declare expiresAt: string;
}
