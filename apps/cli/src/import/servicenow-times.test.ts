import { expect, test } from 'vitest';
import { header, read, readFile, readText, row, timesOf, written } from '../../test/servicenow-log.ts';
import type { SourceRow } from './source.ts';

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

test.each(['+25:00', '-14:01', '+01:60'])('an offset of %s is no time', async (offset) => {
  const [found] = await read(row('1', { at: `2016-02-29T01:23:00${offset}` }));
  expect(found).toMatchObject({ line: 2, rejection: { reason: expect.stringContaining(offset) } });
});

test('of the hour that a clock shows twice the second one is taken where the first lies before what happened already', async () => {
  const counted = `${header},sys_mod_count`;
  const at = (time: string, count: number) =>
    `${row('1', { openedAt: '6/11/2016 01:40', at: `6/11/2016 ${time}` })},${count}`;
  const log = [at('01:50', 0), at('01:10', 1), at('01:30', 2), at('03:00', 3)];
  const text = [counted, ...log].join('\n');
  const found = await readText(text, { dates: 'dmy', timeZone: 'America/New_York' });
  const utc = ['05:50', '06:10', '06:30', '08:00'].map((time) => `2016-11-06T${time}:00.000Z`);
  expect(found.slice(0, 4).map(({ entry }) => entry?.at)).toEqual(utc);
});

test.each([
  ['states by label and by number', { state: 'In Progress' }, { state: '2' }],
  ['grades', { impact: '2 - Medium', urgency: '1 - High' }, { impact: '2', urgency: '1' }],
  ['authors', { by: 'Updated by  21' }, { by: '21' }],
  ['categories', { category: 'Category 55' }, { category: '55' }],
])(
  'without counts a row keeps its key where another export writes its %s otherwise',
  async (_, one, other) => {
    const [[before], [after]] = await Promise.all([read(row('1', one)), read(row('1', other))]);
    expect(after?.entry?.key).toBe(before?.entry?.key);
  },
);
