import type { Knex } from 'knex';

/**
 * The answers of keyed writes, each committed with its write, for a day: so a caller who never heard the answer may ask
 * again. `id` is a digest of caller and key, `fingerprint` of the request. An answer that holds a secret is sealed by
 * what only its caller knows.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create table idempotency_keys (
  id bytea primary key check (octet_length(id) = 32),
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  answer bytea not null,
  sealed boolean not null,
  created_at timestamptz(3) not null
);
create index idempotency_keys_oldest on idempotency_keys (created_at);
`);
