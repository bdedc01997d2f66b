export {
  Ability,
  type Action,
  type Conditions,
  type Principal,
  type Role,
  type Rule,
  type RulesFor,
  roles,
  type SubjectName,
} from './ability.ts';
export type { Columns } from './ability-sql.ts';
export { type Changes, changesBetween } from './changes.ts';
export { type Clock, MAX_CLOCK_SKEW_MS, systemClock } from './clock.ts';
export {
  type Actor,
  ActorView,
  actAs,
  actorOf,
  type Caller,
  type Context,
  type Credential,
  hasScope,
  type RequestContext,
  type Scope,
  scopes,
} from './context.ts';
export { asDomainError, type DatabaseOptions, openDatabase, unlessTaken } from './database.ts';
export { isRefusedConnection, markAway, markWritesRefused, onSqlState, prepared } from './driver.ts';
export {
  DomainError,
  databaseUnavailable,
  fieldsForbidden,
  forbidden,
  type InputFault,
  invalidInput,
  type Limit,
  tooManyTries,
  unauthenticated,
} from './errors.ts';
export { grantServing, keepingGrants, servingGrants } from './grants.ts';
export { checkReady, checkSchema, pingDatabase } from './health.ts';
export { isId, newId, uuid } from './ids.ts';
export {
  keepMigrationsOff,
  listMigrations,
  type MigrationStatus,
  migrate,
  migrateWithin,
  migrationStatus,
} from './migrations.ts';
export { NameOrder } from './name-order.ts';
export { Notices } from './notices.ts';
export { Keyset, type Page, type PageInput, pageBytesOf, pageFields, pageOf } from './pages.ts';
export { boundFutureKeys, forgetOldKeys, type KeyedRequest, Receipt } from './receipts.ts';
export { Reference } from './references.ts';
export {
  MIN_POSTGRESQL_MAJOR,
  readServerFacts,
  refuseUnsupported,
  type ServerFacts,
} from './server-check.ts';
export { all, any, type Binding, everything, not, nothing, type SqlCondition } from './sql-condition.ts';
export { ask, type Statement } from './statement.ts';
export { linePattern, text, timestamp, utc, utcTimestamp } from './text.ts';
export { transact, writing } from './transactions.ts';
export { inTurn, isTurnTaken, MAX_WAITING_WRITES } from './turns.ts';
export { DatabaseWatch } from './watch.ts';
