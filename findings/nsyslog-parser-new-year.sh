#!/usr/bin/env bash
# nsyslog-parser 0.10.1 dates a message of the last second of a year into the end of the year that has just begun.
#
# Expected: RFC 3164 has no year, so a time that lies months ahead is of the year before.
# Seen: `Dec 31 23:59:59`, read five seconds into 2027, is 2027-12-31: nearly a year in the future.
# Why it matters: alerts of New Year's night open tickets in the future, and rules by age do not see them for a year.
# Instead: compare with the arrival; take the year before when the time lies more than a day ahead.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts nsyslog-parser@0.10.1
cat >probe.cjs <<'PROBE'
const assert = require('node:assert/strict');
const NOW = Date.parse('2027-01-01T00:00:05Z');
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [NOW] : parts));
  }
  static now() {
    return NOW;
  }
};
process.env.TZ = 'UTC';
const parse = require('nsyslog-parser');
const time = new RealDate(parse('<34>Dec 31 23:59:59 host su: disk full').ts).toISOString();
console.log('nsyslog-parser', require('nsyslog-parser/package.json').version);
console.log('Dec 31 23:59:59, read at', new RealDate(NOW).toISOString(), 'is', time);
assert.equal(time, '2027-12-31T23:59:59.000Z');
PROBE
node probe.cjs
