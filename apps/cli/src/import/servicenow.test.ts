import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/tocsin.ts';
import { decode } from './encoding.ts';
import { openFile } from './file.ts';
import { servicenow } from './servicenow.ts';
import type { Reading, ReadOptions, SourceRow } from './source.ts';

const excerpt = resolve(import.meta.dirname, '../../test/fixtures/servicenow-excerpt.csv');

type Options = Partial<ReadOptions> & { readonly encoding?: string };

async function openLog(path: string, { encoding, ...options }: Options = {}): Promise<Reading> {
  const text = await decode({ ...(await openFile(path)), encoding: encoding ?? null });
  return servicenow.open({ path, text }, { dates: null, timeZone: null, grouped: false, ...options });
}

const readFile = async (path: string, options?: Options): Promise<SourceRow[]> => [
  ...(await openLog(path, options)).read(),
];

function written(text: string | Buffer): string {
  const path = join(temporaryFolder(), 'log.csv');
  writeFileSync(path, text);
  return path;
}

const readText = (text: string | Buffer, options?: Options): Promise<SourceRow[]> =>
  readFile(written(text), options);

const header =
  'number,ident_state,opened_by,opened_at,sys_updated_by,sys_updated_at,category,category,u_symptom,impact,urgency';
const row = (number: string, changes: Partial<Record<string, string>> = {}): string => {
  const cells = {
    state: 'New',
    openedBy: '8',
    openedAt: '29/2/2016 01:16',
    by: '21',
    at: '29/2/2016 01:23',
    category: '55',
    subcategory: '170',
    symptom: '72',
    impact: '2',
    urgency: '2',
    ...changes,
  };
  return [number, ...Object.values(cells)].join(',');
};
const read = (...rows: string[]): Promise<SourceRow[]> => readText([header, ...rows, ''].join('\n'));
const timesOf = (rows: SourceRow[]) => rows.map(({ opening, entry }) => [opening?.at, entry?.at]);

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
      aliases: ['INC0000045'],
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
      aliases: ['INC0000045'],
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

test('an incident whose first row is corrupt is opened by that row, and changed by the next', async () => {
  const [first, second] = await read(row('1', { state: '-100' }), row('1', { state: 'Active' }));
  expect(first).toMatchObject({ line: 2, opening: { position: 0 }, rejection: { code: 'row.unreadable' } });
  expect(second?.opening).toBeUndefined();
  expect(second?.entry?.position).toBe(2);
});

test('an incident that a row cannot open is opened by the next that can', async () => {
  const [first, second] = await read(row('1', { openedAt: '?' }), row('1'));
  expect(first).toEqual({ line: 2, rejection: { code: 'row.unreadable', reason: expect.any(String) } });
  expect([second?.opening?.position, second?.entry?.position]).toEqual([0, 2]);
});

const peopleHeader = `${header},caller_id,assigned_to,assignment_group`;
const readPeople = (...rows: [caller: string, assignee: string, group: string][]): Promise<SourceRow[]> =>
  readText([peopleHeader, ...rows.map((people) => row('1', { people: people.join() }))].join('\n'));

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

test.each(['\n', '\r\n'])(
  'lines are those of the file, with quotes, empty lines and line ends %j',
  async (end) => {
    const quoted = row('1', { category: `"a${end}b ""c"""` });
    const read_ = await readText([`\ufeff${header}`, quoted, '', row('2'), row('3')].join(end));
    expect(read_.map(({ line, entry }) => [line, entry?.id])).toEqual([
      [2, '1'],
      [5, '2'],
      [6, '3'],
    ]);
    expect(read_[0]?.entry?.ticket.title).toBe('Category a\nb "c", subcategory 170, symptom 72');
  },
);

test('a quote that is not closed costs its row, and is told where it began', async () => {
  const many = Array.from({ length: 60_000 }, (_, at) => row(`b${at}`));
  const text = [header, row('1'), row('2', { category: '"55' }), ...many, row('3', { symptom: '"x' })].join(
    '\n',
  );
  const read_ = await readText(text);
  expect(read_).toHaveLength(60_003);
  expect(read_.flatMap(({ line, rejection }) => (rejection ? [[line, rejection.reason]] : []))).toEqual([
    [3, 'a quote is opened in line 3 and not closed at the end of its cell'],
    [60_004, 'a quote is opened in line 60004 and never closed'],
  ]);
});

test('a stray quote costs its row, whatever stands around it', async () => {
  const stray = ['Ma"il', '"Mail" x', '"Ma"il"', '"""', '"Mail'].map((category, at) =>
    row(`s${at}`, { category }),
  );
  const read_ = await read(
    ...stray.flatMap((one, at) => [one, row(`g${at}`, { category: `"a ""b"" ${at}, c"` })]),
  );
  expect(read_.map(({ rejection, entry }) => [Boolean(rejection), entry?.id])).toEqual(
    stray.flatMap((_, at) => [
      [true, undefined],
      [false, `g${at}`],
    ]),
  );
  expect(read_.at(-1)?.entry?.ticket.title).toBe('Category a "b" 4, c, subcategory 170, symptom 72');
});

test('a field that is too long is called that, and costs its row only where it would be taken over', async () => {
  const long = 'x'.repeat(10_000_000);
  const text = (name: string, quote: string) =>
    [`${header},${name}`, `${row('1')},${quote}${long}${quote}`, `${row('2')},short`].join('\n');
  for (const quote of ['', '"']) {
    const [first, second] = await readText(text('description', quote));
    expect(first?.rejection?.reason).toBe(
      'description is a field of 10,000,000 bytes; at most 400,000 can be taken over',
    );
    expect(second?.entry?.ticket.description).toBe('short');
    expect((await readText(text('work_notes', quote))).map(({ rejection }) => rejection)).toEqual([
      undefined,
      undefined,
    ]);
  }
});

test.each([
  ['another table', 'a,b\n1,2\n', /not an incident event log.*number, ident_state/s],
  ['one category only', `${header.replace(',category,', ',')}\n`, /not there: category/],
  ['nothing', '', /is empty/],
  ['a broken zip', 'PK\u0003\u0004rest', /a zip that ends too early/],
  ['a picture', '\u0089PNG\r\n\u001a\n\0\0\0', /not an incident event log/],
])('%s is no log of ServiceNow', async (_what, text, message) => {
  await expect(readText(text)).rejects.toThrow(message);
});

test('a file that is not there, and a folder, are told as such', async () => {
  await expect(readFile('/nowhere/log.csv')).rejects.toThrow('There is no file /nowhere/log.csv.');
  await expect(readFile(temporaryFolder())).rejects.toThrow('is not a file');
});

test.each([
  ['windows-1252', Buffer.from(`${header}\n${row('1', { category: 'Störung' })}`, 'latin1')],
  ['utf-16le', Buffer.from(`\ufeff${header}\n${row('1', { category: 'Störung' })}`, 'utf16le')],
  ['utf-16be', Buffer.from(`\ufeff${header}\n${row('1', { category: 'Störung' })}`, 'utf16le').swap16()],
])('a file in %s is read, by what it shows or what is said', async (encoding, bytes) => {
  const [only] = await readText(bytes, { encoding });
  expect(only?.entry?.ticket.title).toContain('Category Störung');
  if (encoding === 'windows-1252') return;
  // With its mark, and without one.
  for (const some of [bytes, bytes.subarray(2)])
    expect((await readText(some))[0]?.entry?.ticket.title).toContain('Category Störung');
  await expect(readText(bytes, { encoding: 'windows-1252' })).rejects.toThrow(
    `begins as a file in ${encoding}`,
  );
});

test.each([
  ['utf-8', Buffer.from(`${header}\n${row('1', { category: 'Störung' })}`, 'latin1'), '0xF6', 'windows-1252'],
  ['utf-8', Buffer.from(`${header}\n${row('1', { category: 'Gräte' })}`, 'latin1'), '0xE4', 'windows-1252'],
  ['windows-1252', Buffer.from(`${header}\n${row('1', { category: '\u0081' })}`, 'latin1'), '0x81', 'utf-8'],
  [
    'utf-16le',
    Buffer.from(`\ufeff${header}\n${row('1', { category: '\ud800x' })}`, 'utf16le'),
    '0x00',
    'utf-8',
  ],
] as const)(
  'the first byte that cannot be in %s is told with its place',
  async (...[encoding, bytes, hex, other]) => {
    const path = written(bytes);
    const given = encoding === 'utf-8' ? {} : { encoding };
    const found = await readFile(path, given).catch((error: Error) => error.message);
    expect(found).toContain(`is not in ${encoding}: the byte ${hex} at offset`);
    expect(found).toContain('in line 2, cannot be');
    expect(found).toContain(other);
    const offset = Number(/offset (\d+)/.exec(String(found))?.[1]);
    expect(bytes[offset]).toBe(Number(hex));
  },
);

test('a file in UTF-8 is not taken for another encoding, in which its letters would be others', async () => {
  const text = (category: string) => `${header}\n${row('1', { category })}`;
  await expect(readText(text('Störung'), { encoding: 'windows-1252' })).rejects.toThrow(
    /is in utf-8.*leave --encoding out/,
  );
  expect(await readText(text('Mail'), { encoding: 'windows-1252' })).toHaveLength(1);
});

test('a row with more text than can be sent is rejected by itself, and the next one opens its ticket', async () => {
  const long = '""'.repeat(190_000);
  const columns = `${header},description,close_notes`;
  const text = [columns, `${row('1', { state: 'Closed' })},"${long}","${long}"`, `${row('1')},,`].join('\n');
  const [first, second] = await readText(text);
  expect(first).toEqual({
    line: 2,
    rejection: { code: 'row.unreadable', reason: expect.stringContaining('sent at once') },
  });
  expect(second?.opening?.position).toBe(0);
});

test('letters that lie across two pieces of a file are whole', async () => {
  const rows = Array.from({ length: 3000 }, (_, at) =>
    row(`${at}`, { category: 'Gräte €😀'.repeat(1 + (at % 5)) }),
  );
  const text = [header, ...rows].join('\n');
  const expected = (await readText(text)).map(({ entry }) => entry?.ticket.title);
  expect(expected[1]).toContain('Category Gräte €😀Gräte €😀,');
  for (const bytes of [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()])
    expect((await readText(bytes)).map(({ entry }) => entry?.ticket.title)).toEqual(expected);
});

test.each([
  ['sep=;', (text: string) => `sep=;\n${text.replaceAll(',', ';')}`, 3],
  ['semicolons', (text: string) => text.replaceAll(',', ';'), 2],
  ['tabs', (text: string) => text.replaceAll(',', '\t'), 2],
  ['CR', (text: string) => text.replaceAll('\n', '\r'), 2],
])('a file with %s is read', async (_what, change, line) => {
  const read_ = await readText(change([header, row('1'), row('2'), ''].join('\n')));
  expect(read_.map((one) => [one.line, one.entry?.id])).toEqual([
    [line, '1'],
    [line + 1, '2'],
  ]);
});

test.each([
  '29/2/2016 01:16',
  '29-02-2016 01:16:00',
  '29.2.2016 1:16',
  '02-29-2016 01:16:00 AM',
  '2/29/2016 1:16 a.m.',
  '2016-02-29 01:16:00',
  '2016-02-29T01:16:00.000Z',
  '2016-02-29T02:16+01:00',
  '2016/02/29 01:16',
])('the time %s is read', async (openedAt) => {
  expect(timesOf(await read(row('1', { openedAt, at: openedAt })))).toEqual([
    Array(2).fill('2016-02-29T01:16:00.000Z'),
  ]);
});

test('noon and midnight, and a time as it is not written, are told apart', async () => {
  const at = (time: string) => row('1', { openedAt: '2/29/2016 01:16 AM', at: `2/29/2016 ${time}` });
  const times = (
    await read(at('12:05 AM'), at('12:05 PM'), at('11:59 PM'), at('13:05 PM'), at('0:05 AM'))
  ).map(({ entry }) => entry?.at.slice(11, 16));
  expect(times).toEqual(['00:05', '12:05', '23:59', undefined, undefined]);
});

const dated = (...dates: string[]) =>
  [header, ...dates.map((date, at) => row(`${at}`, { openedAt: `${date} 10:00`, at: `${date} 11:00` }))].join(
    '\n',
  );

test('dates that can be read in two ways are refused until somebody says how, and never read with the month first', async () => {
  await expect(readText(dated('3/5/2025', '3/17/2025'))).rejects.toThrow(
    /3\/5\/2025 10:00 \(line 2\) can be read in two ways, and 3\/17\/2025 10:00 \(line 3\) has the month first.*--dates dmy/s,
  );
  await expect(readText(dated('3/5/2025', '4/5/2025'))).rejects.toThrow(/two ways/);
  await expect(readText(dated('17/3/2025', '3/17/2025'))).rejects.toThrow(/the day first.*the month/s);
  expect(timesOf(await readText(dated('17/3/2025', '3/5/2025')))[1]?.[0]).toBe('2025-05-03T10:00:00.000Z');
  expect(timesOf(await readText(dated('3/17/2025', '3/18/2025')))[0]?.[0]).toBe('2025-03-17T10:00:00.000Z');
  const said = await readText(dated('3/5/2025', '3/17/2025'), { dates: 'mdy' });
  expect(timesOf(said)[0]?.[0]).toBe('2025-03-05T10:00:00.000Z');
  const other = await readText(dated('3/5/2025', '3/17/2025'), { dates: 'dmy' });
  expect(timesOf(other)[0]?.[0]).toBe('2025-05-03T10:00:00.000Z');
  expect(other[1]?.rejection?.reason).toContain('opened_at 3/17/2025 10:00 is not a time');
});

test('times are of the zone that is said; one that was skipped or shown twice is decided', async () => {
  const at = (time: string) => row(time, { openedAt: '2016-01-31 12:00', at: time });
  const rows = ['2016-07-01 12:00', '2016-03-27 02:30', '2016-10-30 02:30', '2016-07-01T12:00Z'].map(at);
  const read_ = await readText([header, ...rows].join('\n'), { timeZone: 'Europe/Berlin' });
  expect(timesOf(read_)[0]?.[0]).toBe('2016-01-31T11:00:00.000Z');
  expect(timesOf(read_).map(([, time]) => time)).toEqual([
    '2016-07-01T10:00:00.000Z',
    '2016-03-27T01:30:00.000Z',
    '2016-10-30T00:30:00.000Z',
    '2016-07-01T12:00:00.000Z',
  ]);
});

test('rows with the newest first come in the order in which they happened, ties by their count', async () => {
  const counted = `${header},sys_mod_count`;
  const log = [
    ['b', 'New', '1/3/2016 10:00', 0],
    ['a', 'New', '1/3/2016 11:00', 0],
    ['a', 'Active', '1/3/2016 12:00', 1],
    ['a', 'Resolved', '1/3/2016 12:00', 2],
    ['b', 'Active', '2/3/2016 12:00', 1],
    ['a', 'Closed', '8/3/2016 12:00', 3],
  ].map(([id, state, at, count]) => `${row(`${id}`, { state: `${state}`, at: `${at}` })},${count}`);
  const swapped = log.toReversed();
  [swapped[2], swapped[3]] = [swapped[3] ?? '', swapped[2] ?? ''];
  const told = (rows: SourceRow[]) =>
    rows.map(({ entry }) => [entry?.id, entry?.ticket.status, entry?.position]);
  const expected = await readText([counted, ...log].join('\n'));
  for (const lines of [log.toReversed(), swapped]) {
    const found = await readText([counted, ...lines].join('\n'));
    expect(told(found)).toEqual(told(expected));
    expect(found.map(({ entry }) => entry?.key)).toEqual(expected.map(({ entry }) => entry?.key));
  }
});

test('where the log itself is not in the order of time it stays as it is, and says so', async () => {
  const counted = `${header},sys_mod_count`;
  const at = (time: string, count: number) => `${row('1', { at: `29/2/2016 ${time}` })},${count}`;
  const found = await readText([counted, at('11:10', 1), at('09:52', 1), at('12:00', 2)].join('\n'));
  expect(found.map(({ line }) => line)).toEqual([2, 3, 4]);
  expect(found.map(({ entry }) => entry?.after)).toEqual([undefined, found[0]?.entry?.key, undefined]);
});

test('rows of one minute that say the same are told apart by how often they came', async () => {
  const [a, b, c] = await read(row('1'), row('1', { impact: '1' }), row('1'));
  expect(new Set([a, b, c].map((one) => one?.entry?.key)).size).toBe(3);
});

test('a file of the rest has the keys of the whole', async () => {
  const states = ['New', 'Active', 'Resolved', 'Resolved', 'Closed'];
  const log = states.map((state, at) => row('1', { state, at: `${at + 1}/3/2016 10:00` }));
  const whole = await read(...log);
  const rest = await read(...log.slice(3));
  expect(rest.map(({ entry }) => entry?.key)).toEqual(whole.slice(3).map(({ entry }) => entry?.key));
});

test('for a dry run the rows of an incident follow one another', async () => {
  const path = written([header, row('1'), row('2'), row('1'), row('2')].join('\n'));
  const rows_ = await readFile(path, { grouped: true });
  expect(rows_.map(({ entry }) => entry?.id)).toEqual(['1', '1', '2', '2']);
});

test('the log as it was published elsewhere gives the same', async () => {
  const names =
    'number,incident_state,opened_by,opened_at,sys_updated_by,sys_updated_at,category,subcategory,u_symptom';
  const published = `${names},impact,urgency,caller_id,assigned_to,assignment_group`;
  const cells = 'INC0000045,New,Opened by  8,29/2/2016 01:16,Updated by 21,29/2/2016 01:23';
  const more = 'Category 55,Subcategory 170,Symptom 72,2 - Medium,2 - Medium,Caller 2403,Resolver 9,Group 56';
  const [found] = await readText(`${published}\n${cells},${more}\n`);
  const [plain] = await readText([peopleHeader, row('0000045', { people: '2403,9,56' })].join('\n'));
  const { id, aliases, key: _, ...entry } = { ...found?.entry };
  const { id: other, aliases: others, key: __, ...expected } = { ...plain?.entry };
  expect(entry).toEqual(expected);
  expect([id, aliases, other, others]).toEqual(['INC0000045', ['0000045'], '0000045', ['INC0000045']]);
});

test('standard columns are taken over, and what is not is named', async () => {
  const names =
    'number,state,opened_at,sys_updated_on,short_description,description,priority,close_code,close_notes,location';
  const rows_ = [
    '1,6,2016-02-29 01:16:00,2016-02-29 01:23:00,"Slow\nOutlook",It takes a minute,1 - Critical,Solved (Permanently),Rebuilt,x',
    '2,6,2016-02-29 01:16:00,2016-02-29 01:23:00,none,null,9 - Odd,Magic,N/A,x',
    '3,7,2016-02-29 01:16:00,2016-02-29 01:23:00,none,null,9 - Odd,Magic,?,x',
  ];
  const reading = await openLog(written([names, ...rows_].join('\n')));
  const [first, second] = [...reading.read()];
  expect(first?.entry).toMatchObject({
    by: '?',
    ticket: {
      title: 'Slow Outlook',
      description: 'It takes a minute',
      priority: 'urgent',
      status: 'resolved',
      resolution: { code: 'fixed', note: 'Rebuilt' },
    },
  });
  expect(second?.entry?.ticket).toMatchObject({
    title: 'Incident',
    description: null,
    resolution: { code: 'other' },
  });
  expect(reading.leftOut()).toEqual({
    columns: ['location'],
    values: [
      { column: 'priority', value: '9 - Odd', became: 'medium', rows: 4 },
      { column: 'close_code', value: 'Magic', became: 'other', rows: 2 },
    ],
  });
});

test('a row that stays resolved gives its resolution again, and one with another leaves what was', async () => {
  const names = 'number,state,opened_at,sys_updated_at,short_description,close_notes';
  const at = (minute: number, state: number, notes: string) =>
    `1,${state},2016-02-29 01:00:00,2016-02-29 01:0${minute}:00,Slow,${notes}`;
  const reading = await openLog(
    written([names, at(1, 6, 'a'), at(2, 6, 'a'), at(3, 6, 'b'), at(4, 7, 'b')].join('\n')),
  );
  expect([...reading.read()].map(({ entry }) => entry?.ticket.resolution?.note)).toEqual([
    'a',
    'a',
    undefined,
    'b',
  ]);
  expect(reading.leftOut().values).toMatchObject([{ column: 'close_notes', rows: 1 }]);
});

test.each([
  ['in progress', 'in_progress', undefined],
  ['2', 'in_progress', undefined],
  ['On Hold', 'on_hold', 'other'],
  ['3', 'on_hold', 'other'],
  ['-5', 'on_hold', 'other'],
  ['4', 'on_hold', 'requester'],
  ['5', 'on_hold', 'evidence'],
  ['Awaiting Change', 'on_hold', 'change'],
  ['6', 'resolved', undefined],
  ['7 - Closed', 'closed', undefined],
  ['Canceled', 'cancelled', undefined],
  ['8', 'cancelled', undefined],
])('the state %s is %s', async (state, status, holdReason) => {
  const [only] = await read(row('1', { state }));
  expect(only?.entry?.ticket).toMatchObject(holdReason ? { status, holdReason } : { status });
});

test('what says nothing elsewhere may be a number, and NA may be a name', async () => {
  const rows_ = ['NA', 'null', '-'].map((number) => `${row(number)},NA,Nan,NA`);
  const found = await readText([peopleHeader, ...rows_].join('\n'));
  expect(found.map(({ entry }) => entry?.id)).toEqual(['NA', 'null', '-']);
  expect(found[0]?.entry?.ticket).toMatchObject({ requester: { name: 'NA' }, assignee: { name: 'Nan' } });
});

test.each(['null', 'NULL', 'N/A', 'Unknown', '?', '-', 'none', ''])('%j makes nobody', async (nobody) => {
  const [first] = await readPeople([nobody, nobody, nobody]);
  expect(first?.entry?.ticket).toMatchObject({ requester: null, assignee: null, team: null });
});
