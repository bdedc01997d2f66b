import type { Knex } from 'knex';

/**
 * How people prove who they are. Only hashes are kept: whoever reads this database cannot log in with what it holds.
 * Sessions and API tokens are one kind of thing, a secret that stands for a user, and are looked up in one way.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create table passwords (
  user_id uuid primary key constraint passwords_user references users (id),
  hash text not null,
  changed_at timestamptz(3) not null
);

create table tokens (
  id uuid primary key,
  user_id uuid not null constraint tokens_user references users (id),
  kind text not null check (kind in ('session', 'token')),
  name text not null check (char_length(name) between 1 and 200),
  hash bytea not null constraint tokens_hash_unique unique check (octet_length(hash) = 32),
  scopes text[] check (scopes <@ array['tickets:read', 'tickets:write', 'users:read', 'admin', 'audit:read', 'metrics:read']
    and cardinality(scopes) > 0),
  created_at timestamptz(3) not null,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  constraint tokens_session_expires check (kind = 'token' or expires_at is not null),
  constraint tokens_session_is_whole check (kind = 'token' or scopes is null)
);
create index tokens_by_user on tokens (user_id, id desc) where revoked_at is null;
create index tokens_live on tokens (id desc) where revoked_at is null and kind = 'token';
create trigger tokens_changed after update of user_id, scopes, expires_at, revoked_at or delete on tokens
  for each row execute function identity_changed();

-- One open reset a person: a newer one takes the place of the older.
create table password_resets (
  user_id uuid primary key constraint password_resets_user references users (id),
  hash bytea not null constraint password_resets_hash_unique unique check (octet_length(hash) = 32),
  expires_at timestamptz(3) not null
);

-- Tries to log in that failed, or are under way. 'key' is a digest: people type passwords where addresses belong.
create table login_attempts (
  id uuid not null,
  key bytea not null check (octet_length(key) = 32),
  at timestamptz(3) not null,
  primary key (key, at, id)
);
create index login_attempts_oldest on login_attempts (at);
`);
