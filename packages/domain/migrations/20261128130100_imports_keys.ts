import type { Knex } from 'knex';

/**
 * An import recognises entries by the source's own data rather than by their place in a file: `keys` holds those that were
 * taken over, in order, `reached_at` the time of the latest. Both are null for tickets that only positions describe; once
 * such a ticket gets keys, `positions_until` says up to which time its positions still count.
 * `withheld` names, for each entry that lost against a change made here, the fields that were left as they are.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
alter table ticket_imports
  add column keys text[],
  add column reached_at timestamptz(3),
  add column positions_until timestamptz(3),
  add column withheld jsonb not null default '{}'
    constraint ticket_imports_withheld_object check (jsonb_typeof(withheld) = 'object');
`);
