import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Knex } from 'knex';
import { loginAddresses } from '../audit/index.ts';
import { utc } from '../core/index.ts';
import { hasEmail, UserRow } from '../identity/index.ts';

/** A network is remembered this long after the last login of an account from there. */
const NETWORK_TTL_MS = 90 * 24 * 3_600_000;

/** An account as it was typed, and the network from which it is tried. */
export interface Origin {
  readonly email: string;
  readonly network: string;
}

/** Remembers the network of a successful login. @param key digest of account and network */
export const rememberNetwork = (db: Knex, key: Buffer, at: Date): Promise<unknown> =>
  db.raw(
    `insert into login_networks as known (key, at) values (?, ?)
     on conflict (key) do update set at = excluded.at where known.at < excluded.at - interval '1 day'`,
    [key, utc(at)],
  );

/**
 * True when the account logged in from the network before: what is remembered says so, or the audit log, which knows the
 * logins from before networks were remembered.
 */
export async function isKnownNetwork(
  db: Knex,
  key: Buffer,
  { origin, now }: { origin: Origin | null; now: Date },
): Promise<boolean> {
  if (await db('login_networks').where({ key }).first('key')) return true;
  if (origin === null) return false;
  const user = await UserRow.query(db)
    .whereRaw(...hasEmail(storable(origin.email)))
    .first();
  const since = new Date(now.getTime() - NETWORK_TTL_MS);
  const addresses = await loginAddresses(db, { userId: user?.id ?? NOBODY, since });
  return addresses.some((address) => networkOf(address) === origin.network);
}

/** An id that no user has: an account that does not exist costs the same queries as one that does. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/** PostgreSQL takes no NUL; an address never has one, so whatever stands in its place finds nobody, either. */
export const storable = (text: string): string => text.replaceAll('\0', ' ').toWellFormed();

/** Forgets networks where an account has not logged in for long, a few at a time. @returns how many */
export async function forgetOldNetworks(db: Knex, now: Date): Promise<number> {
  const { rowCount } = await db.raw(
    `delete from login_networks where key in
       (select key from login_networks where at <= ? order by at limit 500 for update skip locked)`,
    [utc(new Date(now.getTime() - NETWORK_TTL_MS))],
  );
  return rowCount;
}

/** The key under which tries are counted, which does not tell what was typed. */
export const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

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
