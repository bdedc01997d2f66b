import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { header, read, readFile, readPeople, readText, row } from '../../test/servicenow-log.ts';
import type { SourceRow } from './source.ts';

const excerpt = resolve(import.meta.dirname, '../../test/fixtures/servicenow-excerpt.csv');
const rows = await readFile(excerpt);
const of = (id: string): SourceRow[] => rows.filter(({ entry, opening }) => (entry ?? opening)?.id === id);

test('every row of the file is told of once, with its line', () => {
  expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 194 }, (_, at) => at + 2));
});

test('an incident is opened at opened_at by opened_by, and its first row follows as a change', () => {
  const people = {
    requester: { id: 'caller:2403', name: 'Caller 2403' },
    assignee: null,
    team: { id: 'group:56', name: 'Group 56' },
  };
  expect(of('0000045')[0]).toEqual({
    line: 2,
    opening: {
      id: '0000045',
      aliases: ['INC0000045', '45'],
      position: 0,
      at: '2016-02-29T01:16:00.000Z',
      by: '8',
      ticket: {
        type: 'incident',
        title: 'Category 55, subcategory 170, symptom 72',
        impact: 'medium',
        urgency: 'medium',
        ...people,
      },
    },
    entry: {
      id: '0000045',
      aliases: ['INC0000045', '45'],
      key: 'o3abuc-m0',
      position: 1,
      at: '2016-02-29T01:23:00.000Z',
      by: '21',
      ticket: {
        title: 'Category 55, subcategory 170, symptom 72',
        impact: 'medium',
        urgency: 'medium',
        ...people,
        status: 'open',
      },
    },
  });
});

test('an incident that does not start as New begins open all the same', () => {
  const [first] = of('0000131');
  expect(first?.opening?.ticket.status).toBeUndefined();
  expect(first?.entry?.ticket.status).toBe('in_progress');
});

test('a row before its opened_at keeps its own time', () => {
  const [first] = of('0000131');
  expect([first?.opening?.at, first?.entry?.at]).toEqual([
    '2016-02-29T09:41:00.000Z',
    '2016-02-29T07:14:00.000Z',
  ]);
});

test('rows of one incident have the positions 1, 2, 3 … and one opening', () => {
  for (const id of new Set(rows.map(({ entry }) => entry?.id ?? ''))) {
    if (!id) continue;
    expect(of(id).map(({ opening }) => opening?.position)).toEqual([
      0,
      ...of(id)
        .slice(1)
        .map(() => undefined),
    ]);
  }
  expect(of('0001894').map(({ entry }) => entry?.position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test('a corrupt state is rejected with its line, and those after it keep their positions', () => {
  expect(rows.filter(({ rejection }) => rejection)).toEqual(
    [184, 185].map((line) => ({
      line,
      rejection: { code: 'row.unreadable', reason: expect.stringContaining('state -100') },
    })),
  );
  expect(of('0028089').map(({ line, entry }) => [line, entry?.position])).toEqual([
    [183, 1],
    [186, 4],
    [187, 5],
    [188, 6],
  ]);
});

test.each([
  ['New', { status: 'open' }],
  ['Active', { status: 'in_progress' }],
  ['Awaiting User Info', { status: 'on_hold', holdReason: 'requester' }],
  ['Awaiting Vendor', { status: 'on_hold', holdReason: 'vendor' }],
  ['Awaiting Problem', { status: 'on_hold', holdReason: 'problem' }],
  ['Awaiting Evidence', { status: 'on_hold', holdReason: 'evidence' }],
  ['Resolved', { status: 'resolved', resolution: { code: 'other' } }],
  ['Closed', { status: 'closed', resolution: { code: 'other' } }],
])('the state %s is read', async (state, expected) => {
  const [only] = await read(row('1', { state }));
  expect(only?.entry?.ticket).toMatchObject(expected);
});

test.each([
  [{ symptom: '?' }, 'Category 55, subcategory 170'],
  [{ category: '?' }, 'Subcategory 170, symptom 72'],
  [{ category: '?', subcategory: '?' }, 'Symptom 72'],
  [{ category: '?', subcategory: '?', symptom: '?' }, 'Incident'],
])('with %j missing the title is %s', async (missing, title) => {
  const [only] = await read(row('1', missing));
  expect(only?.entry?.ticket.title).toBe(title);
});

test('impact and urgency 1, 2, 3 are high, medium, low; missing is null; a missing author stays ?', async () => {
  const read_ = await read(
    ...['1', '2', '3', '?'].map((grade) => row(`n${grade}`, { impact: grade, urgency: grade, by: '?' })),
  );
  expect(read_.map(({ entry }) => [entry?.ticket.impact, entry?.ticket.urgency, entry?.by])).toEqual([
    ['high', 'high', '?'],
    ['medium', 'medium', '?'],
    ['low', 'low', '?'],
    [null, null, '?'],
  ]);
});

test.each([
  [{ at: '30/2/2016 01:16' }, 'sys_updated_at 30/2/2016'],
  [{ at: '1/1/2016 24:00' }, 'sys_updated_at'],
  [{ at: '1/1/2016 23:60' }, 'sys_updated_at'],
  [{ at: '?' }, 'sys_updated_at ?'],
  [{ impact: '4' }, 'impact 4'],
  [{ urgency: 'constructor' }, 'urgency constructor'],
  [{ state: 'constructor' }, 'state constructor'],
])('a row with %j is rejected, and the next one goes in', async (fault, reason) => {
  const [, bad, next] = await read(row('1'), row('1', fault), row('1', { state: 'Active' }));
  expect(bad).toEqual({
    line: 3,
    rejection: { code: 'row.unreadable', reason: expect.stringContaining(reason) },
  });
  expect(next?.entry?.position).toBe(3);
});

test('an incident that a row cannot open is opened by the next that can', async () => {
  const [first, second] = await read(row('1', { openedAt: '?' }), row('1'));
  expect(first).toEqual({ line: 2, rejection: { code: 'row.unreadable', reason: expect.any(String) } });
  expect([second?.opening?.position, second?.entry?.position]).toEqual([0, 2]);
});

test('caller 10, assignee 10 and group 10 are three; missing is nobody, at the opening as well', async () => {
  const [first, second] = await readPeople(['10', '10', '10'], ['?', '', '?']);
  const all = {
    requester: { id: 'caller:10', name: 'Caller 10' },
    assignee: { id: 'assignee:10', name: 'Assignee 10' },
    team: { id: 'group:10', name: 'Group 10' },
  };
  expect(first?.opening?.ticket).toMatchObject(all);
  expect(first?.entry?.ticket).toMatchObject(all);
  expect(second?.entry?.ticket).toMatchObject({ requester: null, assignee: null, team: null });
});

test('a number with its word is the number; what is a name is not given another word', async () => {
  const [first, second] = await readPeople(
    ['Caller 2403', 'Resolver 10', 'Network'],
    ['Ann Lee', 'Resolver', '?'],
  );
  expect(second?.entry?.ticket).toMatchObject({
    requester: { id: 'caller:Ann Lee', name: 'Ann Lee' },
    assignee: { id: 'assignee:Resolver', name: 'Resolver' },
  });
  expect(first?.entry?.ticket).toMatchObject({
    requester: { id: 'caller:2403', name: 'Caller 2403' },
    assignee: { id: 'assignee:10', name: 'Assignee 10' },
    team: { id: 'group:Network', name: 'Network' },
  });
});

test('a log that lacks a column of people says nothing of them, which is not the same as nobody', async () => {
  const [first] = await readText([`${header},caller_id`, row('1', { caller: '?' })].join('\n'));
  const { requester, assignee, team } = { ...first?.entry?.ticket };
  expect({ requester, assignee, team }).toStrictEqual({
    requester: null,
    assignee: undefined,
    team: undefined,
  });
});

test('rows of an incident need not lie together', async () => {
  const read_ = await read(row('1'), row('2'), row('1', { state: 'Active' }), row('2', { state: 'Active' }));
  expect(read_.map(({ entry }) => [entry?.id, entry?.position])).toEqual([
    ['1', 1],
    ['2', 1],
    ['1', 2],
    ['2', 2],
  ]);
});

test('a row too short or without a number is rejected', async () => {
  const [short, numberless, good] = await read('1,New', row('?'), row('2'));
  expect(short?.rejection?.reason).toBe('the row has 2 cells, the header 11');
  expect(numberless?.rejection?.reason).toContain('number');
  expect(good?.line).toBe(4);
});

test.each([
  ['state', { state: '-100' }],
  ['time', { at: 'soon' }],
  ['time ahead', { at: '2999-01-01 00:00:00' }],
  ['opening', { openedAt: '2999-01-01 00:00:00' }],
])('a row whose %s cannot be taken over opens nothing; the next one of its incident does', async (_, bad) => {
  const found = await read(row('1', bad), row('1', { state: 'Active', at: '29/2/2016 02:00' }));
  expect(found).toHaveLength(2);
  expect(found).toContainEqual({ line: 2, rejection: expect.anything() });
  expect(found.find(({ line }) => line === 3)).toMatchObject({
    opening: { position: 0, at: '2016-02-29T01:16:00.000Z' },
    entry: { ticket: { status: 'in_progress' } },
  });
});

test.each([
  ['INC0000045', ['0000045', '45']],
  ['inc0000045', ['INC0000045', '0000045', '45']],
  ['45', ['INC0000045', '0000045']],
  ['INC1234567', ['1234567']],
  ['CHG0000045', undefined],
])('the number %s is looked for in its other forms as well', async (number, aliases) => {
  const [found] = await read(row(number));
  expect([found?.entry?.id, found?.entry?.aliases]).toEqual([number, aliases]);
});

test('the forms of a number in one file are one incident, under the first of them', async () => {
  const found = await read(
    row('0000045'),
    row('45', { state: 'Active' }),
    row('inc0000045', { state: 'Closed' }),
  );
  expect(found.map(({ entry, opening }) => [entry?.id, entry?.position, opening?.position])).toEqual([
    ['0000045', 1, 0],
    ['0000045', 2, undefined],
    ['0000045', 3, undefined],
  ]);
});
