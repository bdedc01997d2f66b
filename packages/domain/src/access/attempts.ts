import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import {
  type Context,
  inTurn,
  type Limit,
  newId,
  type RequestContext,
  tooManyTries,
  utc,
  writing,
} from '../core/index.ts';
import { digest, isKnownNetwork, networkOf, type Origin, rememberNetwork } from './known-networks.ts';

/** Failed tries within the window: for one account from one network, and from one network for all accounts. */
export const MAX_PER_PAIR = 10;
export const MAX_PER_NETWORK = 50;
/** After so many failed tries for one account from everywhere, further ones go through one at a time. */
export const MAX_PER_ACCOUNT = 20;
/** The pause between two tries for such an account doubles with each failure, up to this. */
const MAX_PAUSE_SECONDS = 30;
const WINDOW_MS = 15 * 60_000;
/** A limited try is answered at this time, whether a password was compared or not. */
const LIMITED_ANSWER_MS = 250;

/** What a try is for: the account as its key, and where it comes from. */
export interface AttemptSource {
  readonly account: string;
  /** The network, or for somebody who is logged in the session or token. */
  readonly from: string;
  /** The network whose tries for all accounts count together; null where they do not. */
  readonly network: string | null;
  /** What was typed as email, where a network is known; null for somebody who is logged in. */
  readonly email: string | null;
}

/** A try that counts as failed until it is given back. */
export interface Attempt {
  /** False: the password is not looked at, unless the account logged in from there before. */
  readonly allowed: boolean;
  /** Takes the try back: it was right. The network is remembered for the account. */
  succeed(): Promise<void>;
  /** Gives the error of a limited try, at a time that tells nothing; null for a try that was not limited. */
  refusal(): Promise<Error | null>;
}

/** A try to log in, or to redeem something, for what was typed as email. */
export const loginSource = (ctx: RequestContext, email: string): AttemptSource => {
  const network = ctx.address === null ? null : networkOf(ctx.address);
  return { account: accountOf(email), from: network ?? 'process', network, email };
};

/** A try to change the caller's own password, counted for the session or token that shows it. */
export const changeSource = ({ caller: { id, credential } }: Context): AttemptSource => ({
  account: changeOf(id),
  from: credential.id ?? 'bootstrap',
  network: null,
  email: null,
});

const accountOf = (email: string): string => `account:${email.toLowerCase()}`;
const changeOf = (id: string): string => `change:${id}`;

/**
 * Counts a try to show a password, before anybody looks at the password: of many that arrive at once only as many get
 * through as are left. An account that nobody has is counted and answered like any other.
 * @throws session.too_many_attempts, write.contended when too many wait
 */
export async function countAttempt(ctx: RequestContext, source: AttemptSource): Promise<Attempt> {
  const begun = performance.now();
  const id = newId();
  const account = digest(source.account);
  const pair = digest(`pair:${source.account}|${source.from}`);
  const network = source.network === null ? null : digest(`address:${source.network}`);
  const at = ctx.clock.now();
  const origin =
    source.network === null || source.email === null
      ? null
      : { email: source.email, network: source.network };
  const keys = { account, pair, network, origin };
  const { over, limit, known } = await oneByOne(source, () =>
    writing(ctx.db, () => ctx.db.transaction((trx) => enterAttempt(trx, { id, at, ...keys })), source.from),
  );
  if (over) throw over;
  return {
    allowed: limit === null || known,
    succeed: async () => {
      await ctx.db('login_attempts').where({ account, id }).delete();
      await rememberNetwork(ctx.db, pair, at);
    },
    refusal: async () => {
      if (limit === null) return null;
      await pause(Math.max(0, LIMITED_ANSWER_MS - (performance.now() - begun)));
      return limit;
    },
  };
}

/** Tries that may wait for their turn, of one place and for one account; a login itself takes far longer. */
const MAX_WAITING_TRIES = 100;

/**
 * Enters the tries of one place, and those for one account, one after the other: they wait for each other's locks anyway,
 * and here without a connection. Of many places each has at most one that waits for the account.
 */
const oneByOne = <T>({ account, from }: AttemptSource, enter: () => Promise<T>): Promise<T> => {
  const bounds = { waiting: MAX_WAITING_TRIES };
  return inTurn(`tries-from:${from}`, () => inTurn(`tries:${account}`, enter, bounds), bounds);
};

interface AttemptEntry {
  readonly id: string;
  readonly at: Date;
  readonly account: Buffer;
  readonly pair: Buffer;
  readonly network: Buffer | null;
  readonly origin: Origin | null;
}

interface EnteredAttempt {
  /** Set where the try is refused at once, and is not counted. */
  readonly over: Error | null;
  readonly limit: Error | null;
  /** True when the account logged in from there before. */
  readonly known: boolean;
}

/** Enters a try under its keys, as far as none of them is over its limit. */
async function enterAttempt(trx: Knex, entry: AttemptEntry): Promise<EnteredAttempt> {
  const { id, at, account, pair, network, origin } = entry;
  const keys = [account, pair, ...(network ? [network] : [])];
  await lockAll(trx, keys);
  await boundAndForget(trx, keys, at);
  // Returned and not thrown: what was bounded above must be committed.
  const over = await pairLimit(trx, pair, at);
  if (over) return { over, limit: null, known: false };
  const limit = (network && (await networkLimit(trx, network, at))) ?? (await accountLimit(trx, account, at));
  const counted = limit ? [pair] : keys;
  await trx('login_attempts').insert(counted.map((key) => ({ id, key, account, at: utc(at) })));
  // Only a limited try asks: each other one is allowed without.
  const known = limit !== null && (await isKnownNetwork(trx, pair, { origin, now: at }));
  return { over: null, limit, known };
}

/** Forgets the failed tries for an account. Inside the transaction that lets its owner in again. */
export const clearAttempts = (db: Knex, { id, email }: { id: string; email: string }): Promise<unknown> => {
  const accounts = [accountOf(email), changeOf(id)].map(digest);
  return db('login_attempts').whereIn('account', accounts).delete();
};

async function lockAll(trx: Knex, keys: readonly Buffer[]): Promise<void> {
  for (const key of keys.toSorted(Buffer.compare))
    await trx.raw('select pg_advisory_xact_lock(?::bigint)', [key.readBigInt64BE().toString()]);
}

/** A try of the future, after a clock was set back, counts as one of now, or it would limit longer than a window. */
async function boundAndForget(trx: Knex, keys: readonly Buffer[], now: Date): Promise<void> {
  await trx('login_attempts')
    .whereIn('key', keys)
    .where('at', '>', utc(now))
    .update({ at: utc(now) });
  // Two processes that waited for each other to forget would both fail.
  await trx.raw(
    `delete from login_attempts where (key, at, id) in
       (select key, at, id from login_attempts where at <= ? limit 1000 for update skip locked)`,
    [windowBefore(now)],
  );
}

const windowBefore = (moment: Date): string => utc(new Date(moment.getTime() - WINDOW_MS));

const lastTries = (
  db: Knex,
  key: Buffer,
  { now, most }: { now: Date; most: number },
): Promise<{ at: string }[]> =>
  db('login_attempts')
    .where({ key })
    .where('at', '>', windowBefore(now))
    .orderBy('at', 'desc')
    .limit(most)
    .select('at');

/** Seconds until one of the last tries leaves the window, which makes room for another. */
async function secondsOf(
  db: Knex,
  key: Buffer,
  { now, most }: { now: Date; most: number },
): Promise<number | null> {
  const oldest = (await lastTries(db, key, { now, most })).at(most - 1);
  return oldest ? Math.max(1, Math.ceil((Date.parse(oldest.at) + WINDOW_MS - now.getTime()) / 1000)) : null;
}

async function pairLimit(db: Knex, key: Buffer, now: Date): Promise<Error | null> {
  const most = MAX_PER_PAIR;
  const seconds = await secondsOf(db, key, { now, most });
  const what = `At most ${most} tries for one account from one place may fail in 15 minutes`;
  const remedy = 'wait, or ask an administrator to unlock the account';
  return seconds === null ? null : tooMany(`${what}; ${remedy}`, { most, seconds });
}

async function networkLimit(db: Knex, key: Buffer, now: Date): Promise<Error | null> {
  const most = MAX_PER_NETWORK;
  const seconds = await secondsOf(db, key, { now, most });
  const what = `At most ${most} tries from one network may fail in 15 minutes`;
  const remedy = 'an account that logged in from here before still can, with its password';
  return seconds === null ? null : tooMany(`${what}; ${remedy}`, { most, seconds });
}

async function accountLimit(db: Knex, key: Buffer, now: Date): Promise<Error | null> {
  const tries = await lastTries(db, key, { now, most: MAX_PER_ACCOUNT + 10 });
  const [last] = tries;
  if (!last || tries.length < MAX_PER_ACCOUNT) return null;
  const between = Math.min(MAX_PAUSE_SECONDS, 2 ** (tries.length - MAX_PER_ACCOUNT));
  const seconds = Math.ceil((Date.parse(last.at) - now.getTime()) / 1000 + between);
  const what = 'Too many tries for this account failed, so that it takes only one at a time';
  const remedy = 'from where it logged in before it takes its password at once';
  return seconds <= 0 ? null : tooMany(`${what}; ${remedy}`, { most: 1, seconds });
}

const tooMany = (detail: string, limit: Limit): Error =>
  tooManyTries('session.too_many_attempts', detail, limit);
