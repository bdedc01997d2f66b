import type { Knex } from 'knex';

/** What a process wants of one key's window: what it has given already, and what it would like to give. */
export interface Want {
  readonly key: Buffer;
  readonly given: number;
  readonly more: number;
}

/** What it got. */
export interface Lease {
  readonly granted: number;
  /** Of the window, for everybody. */
  readonly left: number;
  /** Milliseconds until the next window begins. */
  readonly endsIn: number;
}

/**
 * Leases requests of a second, of several keys in one statement. A window begins with its first request; what was given
 * beyond the limit is taken from the next one. The time is the database's, so that processes need not agree on one.
 * @returns a lease for each want, in the same order
 */
export async function leaseRequests(db: Knex, limit: number, wants: readonly Want[]): Promise<Lease[]> {
  // In one order, or two processes that want the same keys would wait for each other.
  const sorted = wants.toSorted((one, other) => Buffer.compare(one.key, other.key));
  const { rows } = await db.raw(lease, {
    limit,
    keys: sorted.map(({ key }) => key),
    given: sorted.map(({ given }) => given),
    more: sorted.map(({ more }) => more),
  });
  const leases = new Map<string, Lease>(
    (rows as LeaseRow[]).map(({ key, granted, taken, ends_in }) => [
      key.toString('hex'),
      { granted, left: Math.max(0, limit - taken), endsIn: Math.max(1, Number(ends_in)) },
    ]),
  );
  return wants.map(({ key }) => leases.get(key.toString('hex')) ?? { granted: 0, left: 0, endsIn: 1000 });
}

interface LeaseRow {
  readonly key: Buffer;
  readonly granted: number;
  readonly taken: number;
  readonly ends_in: string;
}

/** `granted` is what is wanted beyond what was given, and `taken` both, until the window says how much of it there is. */
const lease = `
insert into rate_windows as w (key, started_at, taken, granted)
select key, clock_timestamp(), given + more, more
from unnest(:keys::bytea[], :given::int[], :more::int[]) as wants (key, given, more)
on conflict (key) do update set (started_at, taken, granted) = (
  select started_at, taken + given + extra, extra from (
    select
      case when fresh then excluded.started_at when over then w.started_at + interval '1 s' else w.started_at end as started_at,
      case when fresh then 0 when over then greatest(0, w.taken - :limit::int) else w.taken end as taken
    from (select w.started_at + interval '1 s' <= excluded.started_at as over,
      (w.started_at + interval '2 s' <= excluded.started_at
        or w.started_at > excluded.started_at + interval '2 s') as fresh) age
  ) base
  cross join (select excluded.taken - excluded.granted as given) wanted
  cross join lateral (select least(excluded.granted, greatest(0, :limit::int - taken - given)) as extra) got
)
returning key, granted, taken, extract(epoch from started_at + interval '1 s' - clock_timestamp()) * 1000 as ends_in`;

/** Forgets windows that are long over, a few at a time. @returns how many */
export async function forgetOldWindows(db: Knex): Promise<number> {
  const { rowCount } = await db.raw(
    `delete from rate_windows where key in
       (select key from rate_windows where started_at < clock_timestamp() - interval '1 minute'
        order by started_at limit 500 for update skip locked)`,
  );
  return rowCount;
}
