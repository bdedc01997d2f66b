import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Knex } from 'knex';
import { type Limit, newId, type RequestContext, tooManyTries, utc, writing } from '../core/index.ts';

/** At most so many failed tries within the window, for one account and from one address. */
export const MOST_PER_ACCOUNT = 10;
export const MOST_PER_ADDRESS = 50;
const WINDOW_MS = 15 * 60_000;

/** A try that counts as failed until it is given back. */
export interface Attempt {
  giveBack(): Promise<void>;
}

/**
 * Counts a try to show a password, before anybody looks at the password: of many that arrive at once only as many get
 * through as are left. Accounts count by what was typed, so that one that nobody has is limited like any other.
 * @throws session.too_many_attempts
 */
export async function countAttempt(ctx: RequestContext, email: string): Promise<Attempt> {
  const id = newId();
  const limits = [
    { key: keyOf('account', email.toLowerCase()), most: MOST_PER_ACCOUNT },
    ...(ctx.address === null
      ? []
      : [{ key: keyOf('address', networkOf(ctx.address)), most: MOST_PER_ADDRESS }]),
  ].sort((one, other) => Buffer.compare(one.key, other.key));
  const at = ctx.clock.now();
  await writing(ctx.db, () =>
    ctx.db.transaction(async (trx) => {
      for (const { key } of limits) {
        await trx.raw('select pg_advisory_xact_lock(?::bigint)', [key.readBigInt64BE().toString()]);
      }
      await forgetOld(trx, windowBefore(at));
      for (const limit of limits) await checkLimit(trx, limit, at);
      await trx('login_attempts').insert(limits.map(({ key }) => ({ id, key, at: utc(at) })));
    }),
  );
  const keys = limits.map(({ key }) => key);
  return { giveBack: () => ctx.db('login_attempts').whereIn('key', keys).where({ id }).delete() };
}

interface AttemptLimit {
  readonly key: Buffer;
  readonly most: number;
}

const windowBefore = (moment: Date): string => utc(new Date(moment.getTime() - WINDOW_MS));

async function checkLimit(db: Knex, { key, most }: AttemptLimit, now: Date): Promise<void> {
  const tries = await db('login_attempts')
    .where({ key })
    .where('at', '>', windowBefore(now))
    .orderBy('at', 'desc')
    .limit(most)
    .select('at');
  // The oldest of the last ones leaves the window first, and makes room for one more.
  const oldest = tries.at(most - 1);
  if (!oldest) return;
  const seconds = Math.ceil((Date.parse(oldest.at) + WINDOW_MS - now.getTime()) / 1000);
  throw tooMany({ most, seconds: Math.max(1, seconds) });
}

/** A few at a time, and none that another process is forgetting just now: two that waited for each other would both fail. */
const forgetOld = (db: Knex, before: string): Promise<unknown> =>
  db.raw(
    `delete from login_attempts where (key, at, id) in
       (select key, at, id from login_attempts where at <= ? limit 1000 for update skip locked)`,
    [before],
  );

const tooMany = (limit: Limit) =>
  tooManyTries('session.too_many_attempts', 'Too many failed attempts; wait before the next one', limit);

const keyOf = (kind: string, value: string): Buffer =>
  createHash('sha256').update(`${kind}:${value}`).digest();

/** Whoever has one address of IPv6 has the 2^64 beside it, so they count as one. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
