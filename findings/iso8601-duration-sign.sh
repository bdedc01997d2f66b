#!/usr/bin/env bash
# iso8601-duration 2.1.4 accepts a sign before a duration and drops it.
#
# Expected: `-PT5M` is minus 300 seconds, or an error, for ISO 8601-2 and calendars (RFC 5545 TRIGGER) allow the sign.
# Seen: `-PT5M` is plus 300 seconds, without an error.
# Why it matters: a reminder five minutes before a deadline is set five minutes after it.
# Instead: read the sign yourself and pass the rest, or use Temporal.Duration.from, which keeps it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts iso8601-duration@2.1.4
cat >probe.cjs <<'PROBE'
const assert = require('node:assert/strict');
const { parse, toSeconds } = require('iso8601-duration');
const start = new Date('2026-02-01T00:00:00Z');
const seconds = ['PT5M', '-PT5M', '+PT5M'].map((text) => toSeconds(parse(text), start));
console.log('iso8601-duration 2.1.4: PT5M, -PT5M, +PT5M are', seconds.join(', '), 'seconds');
assert.deepEqual(seconds, [300, 300, 300]);
PROBE
node probe.cjs
