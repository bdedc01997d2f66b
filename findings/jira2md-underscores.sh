#!/usr/bin/env bash
# jira2md 3.0.1 turns underscores within identifiers into emphasis, also inside {code}.
#
# Expected: `_word_` is emphasis only at the edges of a word, as in Jira, and a code block stays as it is.
# Seen: `max_connections and work_mem` becomes `max*connections and work*mem`; the text between is emphasised.
# Why it matters: a ticket that is taken over names settings, tables and log files that do not exist.
# Instead: cut code blocks out before the conversion, and escape underscores that have a letter or digit on both sides.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jira2md@3.0.1
cat >probe.cjs <<'PROBE'
const assert = require('node:assert/strict');
const { to_markdown: toMarkdown } = require('jira2md');
const plain = toMarkdown('set max_connections and work_mem');
const code = toMarkdown('{code}\nSELECT a_b FROM t_x\n{code}');
console.log('jira2md', require('jira2md/package.json').version);
console.log(JSON.stringify({ plain, code }));
assert.equal(plain, 'set max*connections and work*mem');
assert.equal(code, '```\nSELECT a*b FROM t*x\n```');
PROBE
node probe.cjs
