import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DomainError } from '../core/index.ts';
import { parseQuery } from './index.ts';

const NOW = new Date('2026-01-31T09:30:00.000Z');

/** The character at which a query is refused, and what is said. */
function refusal(query: string): [position: unknown, message: string] {
  try {
    parseQuery(query, NOW);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'query.invalid')
      return [error.extra.position, error.message];
    throw error;
  }
  return [null, 'not refused'];
}

test.each([
  ['status:opne', 8, 'did you mean open?'],
  ['disk stauts:open', 6, 'did you mean status:?'],
  ['error:timeout', 1, 'put it in quotes'],
  ['status: open', 8, 'needs a value'],
  ['disk "no space', 6, 'close it with "'],
  ['(disk', 1, 'is not closed'],
  ['disk)', 5, 'closes nothing'],
  ['OR disk', 1, 'OR stands between'],
  ['disk OR', 6, 'OR stands between'],
  ['disk AND', 6, 'AND stands between'],
  ['NOT', 1, 'Something must stand behind NOT'],
  ['!!!', 1, 'nothing to look for'],
  ['()', 1, 'nothing to look for'],
  ['a*', 1, 'two letters'],
  ['😀 is:mien', 6, 'did you mean is:mine?'],
  ['created:2026-02-31', 9, 'is no time'],
  ['created:>=yesterdy', 9, 'is no time'],
  ['created:*..*', 9, 'is no time'],
  ['updated:<999999w', 9, 'is no time'],
  ['priority:>=hihg', 10, 'did you mean high?'],
  ['disk priority>=high', 6, 'Write priority:>=high;'],
  ['status=open', 1, 'Write status:open;'],
  ['status!=open', 1, 'Write -status:open;'],
  ['!status:closed', 1, 'Write -status:closed;'],
  ['created:2026-02..2026-01', 9, 'from earlier to later'],
  ['disk \u201cno space', 6, 'close it with "'],
  ['assignee = me', 10, 'as in assignee:…'],
  ['assignee =me', 10, 'as in assignee:…'],
  ['priority:>', 10, 'stands behind >, such as priority:>high'],
  ['status:in progress', 8, 'did you mean in_progress?'],
  ['status:unresolved', 8, 'write is:unresolved'],
  ['status:mine', 8, 'write is:mine'],
  ['tag:vpn*', 5, 'stands in quotes'],
  ['dat*base', 1, 'A * stands at the end of a word'],
  ['title:*aid', 7, 'A * stands at the end of a word'],
  ['created:0000', 9, 'is no time'],
  ['created:0026-01-01', 9, 'is no time'],
  ['status : open', 8, 'as in status:…'],
  [`${'-'.repeat(30)}x`, 22, 'negations'],
  ['"a\\"', 1, 'does not end'],
  ['Status=open', 1, 'Write Status:open;'],
  ['status==open', 1, 'Write status:open;'],
  ['PRIORITY>=high', 1, 'Write PRIORITY:>=high;'],
  ['created:>2026-02-30T00:00Z', 9, 'is no time'],
  ['created:2026-01-31T24:00Z', 9, 'is no time'],
  ['is:""', 4, 'Something must stand behind is:'],
  ['disk !vpn', 6, 'Write -vpn to leave it out'],
  ['tag:""', 5, 'No tag is like that'],
  ['source:nothing', 8, 'source:servicenow:0000045'],
  [`${'('.repeat(30)}x${')'.repeat(30)}`, 22, 'deeper than 20'],
  [Array.from({ length: 60 }, (_, n) => `w${n}`).join(' '), 191, 'At most 50 terms'],
])('%s is refused at character %i: %s', (query, position, message) => {
  const [at, said] = refusal(query);
  expect(said).toContain(message);
  expect(at).toBe(position);
});

test.each([
  ['', { kind: 'and', parts: [] }],
  ['INC-42', { kind: 'ticket', id: 42 }],
  ['source:inc0000045', { kind: 'sourceId', ids: ['inc0000045', 'INC0000045', '0000045'] }],
  ['source:0000045', { kind: 'sourceId', ids: ['0000045', 'INC0000045'] }],
  ['"INC0000045"', { kind: 'words', text: 'INC0000045', place: 'anywhere', form: 'phrase' }],
  [
    'INC0000045',
    {
      kind: 'or',
      parts: [
        { kind: 'words', text: 'INC0000045', place: 'anywhere', form: 'word' },
        { kind: 'sourceId', ids: ['INC0000045', '0000045'] },
      ],
    },
  ],
  ['"INC-42"', { kind: 'words', text: 'INC-42', place: 'anywhere', form: 'phrase' }],
  ['http://db-01/x', { kind: 'words', text: 'http://db-01/x', place: 'anywhere', form: 'word' }],
  ['databas*', { kind: 'words', text: 'databas', place: 'anywhere', form: 'beginning' }],
  ['- vpn', { kind: 'words', text: 'vpn', place: 'anywhere', form: 'word' }],
  ['Disk: full!', parseQuery('Disk full', NOW)],
  ['"a\\"b\\\\c\\d"', { kind: 'words', text: 'a"b\\c\\d', place: 'anywhere', form: 'phrase' }],
  ['tag:"a\\"b"', { kind: 'oneOf', field: 'tag', values: ['a"b'] }],
  ['tag:"vpn*"', { kind: 'oneOf', field: 'tag', values: ['vpn*'] }],
  ['status:"in progress"', { kind: 'oneOf', field: 'status', values: ['in_progress'] }],
  ['INC-42,REQ-7', parseQuery('INC-42 OR REQ-7', NOW)],
  ['INC-42, REQ-7, CHG-1', parseQuery('INC-42 OR REQ-7 OR CHG-1', NOW)],
  ['INC-42, disk', parseQuery('INC-42 disk', NOW)],
  ['is:assigned', parseQuery('-is:unassigned', NOW)],
  ['disk (disk disk) DISK', parseQuery('disk DISK', NOW)],
  ['Status:In-Progress', { kind: 'oneOf', field: 'status', values: ['in_progress'] }],
  ['priority:<high', { kind: 'oneOf', field: 'priority', values: ['low', 'medium'] }],
  [
    'created:2026',
    {
      kind: 'within',
      field: 'created',
      from: '2026-01-01T00:00:00.000Z',
      before: '2027-01-01T00:00:00.000Z',
    },
  ],
  [
    'created:2026-01..2026-02',
    {
      kind: 'within',
      field: 'created',
      from: '2026-01-01T00:00:00.000Z',
      before: '2026-03-01T00:00:00.000Z',
    },
  ],
  [
    'created:*..2026-01-31',
    { kind: 'within', field: 'created', from: null, before: '2026-02-01T00:00:00.000Z' },
  ],
  ['updated:<7d', { kind: 'within', field: 'updated', from: '2026-01-24T09:30:00.000Z', before: null }],
  ['updated:>12h', { kind: 'within', field: 'updated', from: null, before: '2026-01-30T21:30:00.000Z' }],
  [
    'closed:today',
    { kind: 'within', field: 'closed', from: '2026-01-31T00:00:00.000Z', before: '2026-02-01T00:00:00.000Z' },
  ],
  [
    'resolved:2026-01-31T10:00+01:00',
    {
      kind: 'within',
      field: 'resolved',
      from: '2026-01-31T09:00:00.000Z',
      before: '2026-01-31T09:00:00.001Z',
    },
  ],
])('%s is read', (query, tree) => expect(parseQuery(query, NOW)).toEqual(tree));

test('what no field stands before is text, and quotations may be as mail writes them', () => {
  for (const query of ['a=b', 'x>y', 'disk!', '!1', 'error!=0', '"status=open"'])
    expect(refusal(query), query).toEqual([null, 'not refused']);
  for (const query of ['\u201cno space\u201d', '\u201eno space\u201c'])
    expect(parseQuery(query, NOW)).toEqual(parseQuery('"no space"', NOW));
});

test('whatever is written is read, or refused at a character that is there', () => {
  const pieces = fc.constantFrom(
    ...'()":,-*<>='.split(''),
    ...[
      ' ',
      'status',
      'is',
      'created',
      'open',
      'OR',
      'AND',
      'NOT',
      '2026-01',
      '7d',
      '..',
      'é',
      '😀',
      '\u0000',
    ],
  );
  const anything = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  fc.assert(
    fc.property(anything, (query) => {
      const [position, said] = refusal(query);
      if (said === 'not refused') return;
      expect(position).toBeGreaterThanOrEqual(1);
      expect(position).toBeLessThanOrEqual([...query].length + 1);
    }),
    { numRuns: 5_000 },
  );
});
