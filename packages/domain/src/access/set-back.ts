import type { Knex } from 'knex';
import { MAX_CLOCK_SKEW_MS, utc } from '../core/index.ts';
import { RESET_MS } from './password-changes.ts';
import { SESSION_MS } from './sessions.ts';

/** So many rows are put right in one statement. */
const BATCH = 500;

const later = (now: Date, milliseconds: number): string => utc(new Date(now.getTime() + milliseconds));

/**
 * After a clock was set back, sessions and resets would last, and networks be known, for as long as the clock had been
 * ahead. They end as if they had begun now.
 */
export async function boundLifetimes(db: Knex, now: Date): Promise<void> {
  const bounded = [
    {
      table: 'tokens',
      id: 'id',
      column: 'expires_at',
      lasts: SESSION_MS,
      only: `kind = 'session' and revoked_at is null`,
    },
    { table: 'password_resets', id: 'user_id', column: 'expires_at', lasts: RESET_MS, only: 'true' },
    { table: 'login_networks', id: 'key', column: 'at', lasts: 0, only: 'true' },
  ];
  for (const { table, id, column, lasts, only } of bounded)
    await db.raw(
      `update ${table} set ${column} = ? where ${id} in
         (select ${id} from ${table} where ${column} > ? and ${only} limit ? for update skip locked)`,
      [later(now, lasts), later(now, lasts + MAX_CLOCK_SKEW_MS), BATCH],
    );
}
