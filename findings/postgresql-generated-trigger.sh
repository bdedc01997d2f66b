#!/usr/bin/env bash
# PostgreSQL 18.7 (PGlite 0.5.17) computes every stored generated column again with each UPDATE of a table that has a BEFORE UPDATE trigger.
#
# Expected: an UPDATE computes a generated column again only where it sets a column that the expression reads.
# Seen: so it is without a trigger. With any BEFORE UPDATE trigger FOR EACH ROW, also one whose WHEN is false, the expression
#   runs for every updated row, whatever columns are set.
# Why it matters: the words of a ticket (a generated tsvector) are computed anew from its whole text with each change of status or
#   assignee as soon as somebody adds a trigger that guards something else; a move costs as much as writing the description.
# Instead: guard by a constraint, a foreign key or an AFTER trigger; or keep the words in a table of their own.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.17
cat >probe.mjs <<'PROBE'
import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';

const db = await PGlite.create();
let computed = 0;
const notices = { onNotice: ({ message }) => (computed += message === 'computed' ? 1 : 0) };
await db.exec(`
create function words(content text) returns tsvector language plpgsql immutable as $$
begin
  raise notice 'computed';
  return to_tsvector('simple', content);
end $$;
create table tickets (id int primary key, status text, title text, words tsvector generated always as (words(title)) stored);
insert into tickets (id, status, title) values (1, 'open', 'VPN is down');
create function keep() returns trigger language plpgsql as $$ begin return new; end $$;`);

const computedBy = async (sql) => {
  computed = 0;
  await db.query(sql, [], notices);
  return computed;
};
const seen = {
  title: await computedBy(`update tickets set title = 'VPN is up'`),
  status: await computedBy(`update tickets set status = 'closed'`),
};
await db.exec(`create trigger guard before update on tickets for each row when (old.id <> new.id) execute function keep()`);
seen.statusWithTrigger = await computedBy(`update tickets set status = 'open'`);
console.log((await db.query('show server_version')).rows[0].server_version, JSON.stringify(seen));
assert.deepEqual(seen, { title: 1, status: 0, statusWithTrigger: 1 });
await db.close();
PROBE
node probe.mjs
