export { type Changes, changesBetween } from './changes.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Actor, actAs, type Context, type RequestContext } from './context.ts';
export { asDomainError, type DatabaseOptions, openDatabase } from './database.ts';
export {
  DomainError,
  databaseUnavailable,
  type ErrorKind,
  type InputFault,
  invalidInput,
  unauthenticated,
} from './errors.ts';
export { checkSchema, pingDatabase } from './health.ts';
export { newId } from './ids.ts';
export { type MigrationStatus, migrate, migrationStatus } from './migrations.ts';
export { Keyset, type Page, type PageInput, pageFields, pageOf } from './pages.ts';
export { text, timestamp, utc, utcTimestamp } from './text.ts';
