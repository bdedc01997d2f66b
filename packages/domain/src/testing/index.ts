import type { Knex } from 'knex';
import knex from 'knex';
import { pino } from 'pino';
import { inject, onTestFinished } from 'vitest';
import {
  actAs,
  type Caller,
  type Clock,
  type Context,
  migrate,
  newId,
  openDatabase,
  type RequestContext,
} from '../core/index.ts';
import { administratorId } from '../identity/index.ts';
import { abilityOf } from '../permissions.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the run's one PostgreSQL, for its superuser. */
    postgresUrl: string;
  }
}

const TEMPLATE = 'tocsin_template';

/** Migrates the database that all others of a test run are cloned from. */
export const templateDatabase = (url: string): Promise<string[]> => migrate(url);

async function administer<T>(work: (db: Knex) => Promise<T>): Promise<T> {
  const db = knex({ client: 'pg', connection: inject('postgresUrl'), pool: { min: 0, max: 1 } });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

export interface TestDatabase {
  readonly url: string;
  readonly db: Knex;
  /** Ends the connections and drops the database. */
  drop(): Promise<void>;
}

/** A database of its own: a clone of the migrated one, or an empty one. To be dropped by whoever made it. */
export async function createDatabase({ empty = false, poolSize = 10 } = {}): Promise<TestDatabase> {
  const name = `test_${newId().replaceAll('-', '')}`;
  await administer((db) => db.raw(`create database ?? template ??`, [name, empty ? 'template0' : TEMPLATE]));
  const url = inject('postgresUrl').replace(/\/[^/]*$/, `/${name}`);
  const db = openDatabase({ url, poolSize });
  const drop = async (): Promise<void> => {
    await db.destroy();
    await administer((admin) => admin.raw('drop database if exists ?? with (force)', [name]));
  };
  return { url, db, drop };
}

/** A database for the test that is running; it is dropped when the test is done. */
export async function testDatabase(options?: { empty?: boolean; poolSize?: number }): Promise<TestDatabase> {
  const database = await createDatabase(options);
  onTestFinished(() => database.drop());
  return database;
}

/** A clock that stands still until it is told to go on. */
export class TestClock implements Clock {
  #now: number;

  constructor(start = '2026-01-31T09:30:00.000Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

/** The built-in administrator, by their own token. */
export const administrator: Caller = {
  id: administratorId,
  role: 'admin',
  teamIds: [],
  kind: 'person',
  name: 'Administrator',
  credential: { kind: 'bootstrap', id: null, scopes: null, expiresAt: null },
};

/** What a request brings, without any door. */
export const testRequest = (db: Knex, clock: Clock = new TestClock()): RequestContext => ({
  db,
  caller: null,
  clock,
  log: pino({ level: 'silent' }),
  requestId: newId(),
  address: null,
  receipt: null,
});

/** The context of a use case, without any door. */
export const testContext = (
  db: Knex,
  { caller = administrator, clock = new TestClock() as Clock } = {},
): Context => actAs(testRequest(db, clock), caller, abilityOf(caller));

export { anyCreation, anyMove, anyPatch } from './arbitraries.ts';
export { freePort } from './free-port.ts';
export { recordedFields, replayEvents, replayedFields } from './replay.ts';
export { databaseOwnedBy, testRole, urlAs } from './roles.ts';
