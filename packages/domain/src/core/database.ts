import knex, { type Knex } from 'knex';
import { DBError } from 'objection';
import pg from 'pg';
import { isRefusedConnection, PreparingClient } from './driver.ts';
import {
  databaseNotGranted,
  databaseNotMigrated,
  databaseRefuses,
  databaseUnavailable,
  writeContended,
} from './errors.ts';
import { utc } from './text.ts';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/name`; `?sslmode=` as PostgreSQL has it. */
  readonly url: string;
  /** Connections at most in this process. */
  readonly poolSize?: number;
  /** Milliseconds that one statement, or a transaction that does nothing, may take; 0 is for ever. */
  readonly timeout?: number;
  /** False leaves statements without names, for a pooler that gives each transaction another connection. */
  readonly preparedStatements?: boolean;
}

/** A statement that waits longer for a lock is ended, and says that it was for a lock; in milliseconds. */
const LOCK_TIMEOUT_MS = 5_000;

/** A caller waits at most two seconds to hear that the database is away. */
export const CONNECT_MS = 1_500;

/** `2026-01-31 09:30:00.123+00`, as connections here get every time of our columns: in UTC, to the millisecond at most. */
const IN_UTC = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?\+00$/;

/** A time as PostgreSQL writes it, in the form that Tocsin answers. Reading each by `Date` was a tenth of a list's cost. */
function timestampOf(text: string): string {
  if (!IN_UTC.test(text)) return utc(text);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0')}Z`;
}

const { INT8, TIMESTAMPTZ, DATE } = pg.types.builtins;
/** `text[]`, which the driver knows by its number alone. */
const TEXTS = 1009 as typeof INT8;
const textsOf = pg.types.getTypeParser(TEXTS);

/** The parts of `{vpn,mail}`. The driver reads letter by letter, as only what is quoted or nested needs it. */
function simpleTexts(text: string): unknown {
  if (text === '{}') return [];
  const inside = text.slice(1, -1);
  return /["\\{]|NULL/i.test(inside) ? textsOf(text) : inside.split(',');
}

/** Counts and ids of a desk stay far below 2^53, where a JavaScript number is exact. */
const parsers = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [TIMESTAMPTZ, timestampOf],
  [DATE, (text) => text],
  [TEXTS, simpleTexts],
]);
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format as 'text'),
};

/**
 * Opens a pool of connections; none is made before the first query. `int8` arrives as a number, `timestamptz` as an
 * RFC 3339 string in UTC with milliseconds.
 */
export function openDatabase({
  url,
  poolSize = 10,
  timeout = 10_000,
  preparedStatements = true,
}: DatabaseOptions): Knex {
  const config = {
    client: PreparingClient,
    preparedStatements,
    connection: {
      connectionString: url,
      application_name: 'tocsin',
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: timeout,
      idle_in_transaction_session_timeout: timeout,
      // A role or a database may be set to another style, in which no time could be read.
      options: `-c TimeZone=UTC -c DateStyle=ISO -c lock_timeout=${timeout === 0 ? 0 : LOCK_TIMEOUT_MS}`,
      types,
    } as Knex.PgConnectionConfig,
    // A burst waits for its turn. When the database is away nobody does: the first failed attempt ends every wait.
    pool: { min: 0, max: poolSize, acquireTimeoutMillis: 10_000, propagateCreateError: true },
    // Whatever Knex has to say is thrown as well; on its own it would write text between the lines of the log.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  };
  return knex(config);
}

/**
 * SQLSTATE classes that say "not now": connection lost (08), shutting down (57P), too many (53), timed out (57014), in the
 * way of each other (40: everything was rolled back), read-only since a failover (25006), ended because it was idle or
 * took too long (25P03, 25P04), a disk that fails (58030).
 */
const NOT_NOW = /^(08|40|53|57P)|^(57014|25006|25P03|25P04|58030)$/;
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const LOST =
  /Connection terminated|timeout exceeded when trying to connect|^timeout expired|Client has encountered a connection error/;

/** Objection wraps what the driver said. */
const native = (error: unknown): unknown => (error instanceof DBError ? error.nativeError : error);

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    NOT_NOW.test(code) ||
    UNREACHABLE.has(code) ||
    error.name === 'KnexTimeoutError' ||
    LOST.test(error.message)
  );
}

/** True for a deadlock and a serialization failure: everything was rolled back, and may be done again. */
export function isSerializationFailure(thrown: unknown): boolean {
  const error = native(thrown);
  return error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01');
}

/** Writes, and throws `taken` when this unique constraint has the value already. */
export async function unlessTaken<T>(
  write: PromiseLike<T>,
  constraint: string,
  taken: () => Error,
): Promise<T> {
  try {
    return await write;
  } catch (thrown) {
    const error = native(thrown);
    throw error instanceof pg.DatabaseError && error.constraint === constraint ? taken() : thrown;
  }
}

/** A table or a column that is not there: this process is newer than the schema. */
const NOT_MIGRATED = new Set(['42P01', '42703']);

/** A right that the account of the server has not, or no longer. */
const NOT_GRANTED = '42501';

/** `lock_timeout` ended the statement. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Turns "the database is not there", not for this account, not with this schema, or a lock that was not to be had, into
 * what the caller may know (`database.unavailable`, `database.not_granted`, `database.not_migrated`, `write.contended`);
 * gives back anything else.
 */
export function asDomainError(thrown: unknown): unknown {
  const error = native(thrown);
  if (isRefusedConnection(error) && !isUnavailable(error)) return databaseRefuses(error);
  if (error instanceof pg.DatabaseError && error.code === NOT_GRANTED) return databaseNotGranted(error);
  if (error instanceof pg.DatabaseError && NOT_MIGRATED.has(error.code ?? ''))
    return databaseNotMigrated(error);
  if (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE) return writeContended(error);
  const several = error instanceof AggregateError ? error.errors : [error];
  return several.some(isUnavailable) ? databaseUnavailable(error) : thrown;
}
