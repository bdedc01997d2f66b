#!/usr/bin/env bash
# cloudevents 10.0.0 rewrites the time of an event: microseconds are cut off and the offset becomes UTC.
#
# Expected: `time` is RFC 3339 text that a middleman passes on as it came, as it does with unknown extensions.
# Seen: two events 400 microseconds apart have one time, and the event that is sent on differs from the one received.
# Why it matters: events that are ordered or deduplicated by time change places, and a signature over the event fails.
# Instead: order by a sequence (the extension `sequence`), keep the received bytes, and pass those on.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts cloudevents@10.0.0
cat >probe.cjs <<'PROBE'
const assert = require('node:assert/strict');
const { HTTP } = require('cloudevents');
const receive = (time) =>
  HTTP.toEvent({
    headers: { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/monitor', 'ce-type': 'alert', 'ce-time': time },
    body: '',
  });
const sent = ['2026-11-28T07:00:00.123100+01:00', '2026-11-28T07:00:00.123500+01:00'];
const passedOn = sent.map((time) => HTTP.binary(receive(time)).headers['ce-time']);
console.log('cloudevents', require('cloudevents/package.json').version);
console.log(JSON.stringify({ sent, passedOn }));
assert.deepEqual(passedOn, ['2026-11-28T06:00:00.123Z', '2026-11-28T06:00:00.123Z']);
PROBE
node probe.cjs
