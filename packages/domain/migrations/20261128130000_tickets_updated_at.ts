import type { Knex } from 'knex';

/**
 * `updated_at` never goes back, whichever version writes and whatever its clock says: the row keeps the later time. An
 * error would stop a version that still runs, so the value is put right. The condition stands in the trigger's `when`:
 * an ordinary update calls no function.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create function tickets_updated_at_stays() returns trigger language plpgsql as $$
begin
  new.updated_at := old.updated_at;
  return new;
end $$;
create trigger tickets_updated_at_stays before update on tickets
  for each row when (new.updated_at < old.updated_at) execute function tickets_updated_at_stays();
`);
