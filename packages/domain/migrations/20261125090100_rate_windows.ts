import type { Knex } from 'knex';

/**
 * How much of a second's requests each caller and address has used, over all processes. 'key' is a digest. Unlogged: after
 * a crash of the database everybody begins a new second, and no request waits for a disk.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create unlogged table rate_windows (
  key bytea primary key check (octet_length(key) = 32),
  started_at timestamptz not null,
  taken integer not null,
  granted integer not null
);
create index rate_windows_oldest on rate_windows (started_at);
`);
