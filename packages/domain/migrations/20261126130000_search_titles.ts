import type { Knex } from 'knex';

/**
 * The words of titles alone, with an index of their own: a word may be in every tenth description and in hardly any title.
 * The generated column writes every ticket anew: a desk of a million tickets waits for some minutes.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create or replace function tickets_only_forward() returns trigger language plpgsql as $$
declare
  -- Who decides the priority is no change that anybody sees: a hand that sets the value it finds leaves no event.
  unseen constant text[] := array['priority_by_hand', 'priority_rank', 'search', 'title_search'];
begin
  if new.version = old.version and new.priority_by_hand and to_jsonb(new) - unseen = to_jsonb(old) - unseen then
    return new;
  end if;
  if new.version <= old.version then
    raise exception 'a changed ticket must have a new version and its event' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.created_at, new.source_system, new.source_id)
     is distinct from (old.id, old.created_at, old.source_system, old.source_id) then
    raise exception 'where a ticket came from never changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

alter table tickets add column title_search tsvector not null generated always as (search_vector(title)) stored;
alter table tickets alter column title_search set statistics 500;
create index tickets_title_search on tickets using gin (title_search);
`);
