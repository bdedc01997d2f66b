import type { Knex } from 'knex';

/**
 * Failed logins are counted by account and network. Without the networks where an account logged in before, strangers could
 * slow its owner down; without `account`, a reset could not clear what was counted. The previous version leaves both empty.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
alter table login_attempts add column account bytea check (octet_length(account) = 32);
create index login_attempts_by_account on login_attempts (account) where account is not null;

-- 'key' is a digest of the account as it was typed and of the network.
create table login_networks (
  key bytea primary key check (octet_length(key) = 32),
  at timestamptz(3) not null
);
create index login_networks_oldest on login_networks (at);
`);
