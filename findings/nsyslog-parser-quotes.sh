#!/usr/bin/env bash
# nsyslog-parser 0.10.1 loses all structured data of an RFC 5424 message when a value holds an escaped quote.
#
# Expected: `\\"` within a value is a quote (RFC 5424, 6.3.3), so the element is read and the message is what follows.
# Seen: no structured data at all, and the element stands in the message as text. An escaped `]` is read, but not unescaped.
# Why it matters: an alert that is routed or deduplicated by structured data goes astray as soon as a value quotes something.
# Instead: parse the element by the grammar of the RFC, or treat a message that begins with `[` as unparsed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts nsyslog-parser@0.10.1
cat >probe.cjs <<'PROBE'
const assert = require('node:assert/strict');
const parse = require('nsyslog-parser');
const read = (value) => {
  const line = `<165>1 2003-10-11T22:14:15.003Z host app 111 ID47 [ex@32473 s="${value}"] disk full`;
  const { structuredData, message } = parse(line);
  return { structuredData, message };
};
const [plain, quoted] = [read('a b'), read('a \\" b')];
console.log('nsyslog-parser', require('nsyslog-parser/package.json').version);
console.log(JSON.stringify({ plain, quoted }));
assert.deepEqual(plain, { structuredData: [{ $id: 'ex@32473', s: 'a b' }], message: 'disk full' });
assert.deepEqual(quoted, { structuredData: [], message: '[ex@32473 s="a \\" b"] disk full' });
PROBE
node probe.cjs
