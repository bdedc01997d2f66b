#!/usr/bin/env bash
# email-reply-parser 2.3.7 drops everything from a line that begins with "Sent from my", wherever it stands.
#
# Expected: it is a signature only at the end of a mail, in the words of mail programs ("Sent from my iPhone").
# Seen: an ordinary sentence whose line begins so, and all that follows it, is not in the visible text.
# Why it matters: the part of a reply that says what is broken never reaches the ticket, and nobody knows that it was cut.
# Instead: keep the whole mail beside what is shown, and take a signature only where nothing but blank lines follows.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts email-reply-parser@2.3.7
cat >probe.cjs <<'PROBE'
const assert = require('node:assert/strict');
const loaded = require('email-reply-parser');
const Parser = loaded.default ?? loaded;
const visible = (text) => new Parser().read(text).getVisibleText();
const wrapped = visible('The mails are\nSent from my monitoring host at 09:00.\nThe disk of db-3 is full.\nPlease call me.');
const lowerCase = visible('The mails are\nsent from my monitoring host at 09:00.\nThe disk of db-3 is full.');
console.log('email-reply-parser', '2.3.7');
console.log(JSON.stringify({ wrapped, lowerCase }));
assert.equal(wrapped, 'The mails are');
assert.ok(lowerCase.endsWith('The disk of db-3 is full.'));
PROBE
node probe.cjs
