import type { Knex } from 'knex';

/**
 * A view keeps whom and what the names in its query meant when it was saved, so that it finds the same whoever looks, and
 * whatever they are called by then; those that were saved before are understood as whoever looks understands them, until their
 * query is saved anew. And nobody has two views of one name: of those that there were, all but the oldest are called by
 * their ids as well.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
alter table views add column names jsonb not null default '[]' check (jsonb_typeof(names) = 'array');

update views set name = left(views.name, 180) || ' (' || right(views.id::text, 12) || ')'
  from (select id, row_number() over (partition by owner_id, lower(name) collate "C" order by created_at, id) as place
    from views) as doubles
  where doubles.id = views.id and doubles.place > 1;
create unique index views_name_unique on views (owner_id, lower(name) collate "C") nulls not distinct;
drop index views_by_owner;
`);
