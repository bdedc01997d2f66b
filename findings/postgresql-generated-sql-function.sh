#!/usr/bin/env bash
# PostgreSQL 18.7 (PGlite 0.5.17) plans the SQL function behind a stored generated column anew for each INSERT, also of a prepared statement.
#
# Expected: the expression of a generated column is planned once, with the prepared statement or for the session, so that it matters
#   little whether its function is written in SQL or in PL/pgSQL.
# Seen: a body in SQL is parsed, inlined and planned for every execution. With a long constant in it (a class of characters
#   that divide words) an INSERT takes several times as long as with the same body in PL/pgSQL, whose plan is kept.
# Why it matters: desks keep the words of a ticket in a generated column. In Tocsin this took two thirds of PostgreSQL's time to open one.
# Instead: write the function in PL/pgSQL, with a search_path of its own, so that a restore finds what it calls.
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
// 20,000 characters that divide words.
const ranges = Array.from({ length: 20000 }, (_, n) => `\\U${(0x10000 + 2 * n).toString(16).padStart(8, '0')}`).join('');
// Texts of ASCII have none of them.
const body = `case when octet_length(content) = length(content) then content else regexp_replace(content, '[${ranges}]', ' ', 'g') end`;
await db.exec(`
create function in_sql(content text) returns text language sql immutable return ${body};
create function in_plpgsql(content text) returns text language plpgsql immutable as $f$ begin return ${body}; end $f$;
create table by_sql (title text, words text generated always as (in_sql(title)) stored);
create table by_plpgsql (title text, words text generated always as (in_plpgsql(title)) stored);
prepare into_sql as insert into by_sql (title) values ('VPN is down');
prepare into_plpgsql as insert into by_plpgsql (title) values ('VPN is down');`);

async function millisecondsOf(statement) {
  const times = [];
  for (let n = 0; n < 60; n += 1) {
    const begun = performance.now();
    await db.query(statement);
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[30];
}
const sql = await millisecondsOf('execute into_sql');
const plpgsql = await millisecondsOf('execute into_plpgsql');
const version = (await db.query('show server_version')).rows[0].server_version;
console.log(version, `SQL ${sql.toFixed(2)} ms, PL/pgSQL ${plpgsql.toFixed(2)} ms, ratio ${(sql / plpgsql).toFixed(1)}`);
assert.ok(sql / plpgsql > 2);
await db.close();
PROBE
node probe.mjs
