import { expect, test } from 'vitest';
import {
  openLog,
  peopleHeader,
  read,
  readPeople,
  readText,
  row,
  written,
} from '../../test/servicenow-log.ts';

test('the log as it was published elsewhere gives the same', async () => {
  const names =
    'number,incident_state,opened_by,opened_at,sys_updated_by,sys_updated_at,category,subcategory,u_symptom';
  const published = `${names},impact,urgency,caller_id,assigned_to,assignment_group`;
  const cells = 'INC0000045,New,Opened by  8,29/2/2016 01:16,Updated by 21,29/2/2016 01:23';
  const more = 'Category 55,Subcategory 170,Symptom 72,2 - Medium,2 - Medium,Caller 2403,Resolver 9,Group 56';
  const [found] = await readText(`${published}\n${cells},${more}\n`);
  const [plain] = await readText([peopleHeader, row('0000045', { people: '2403,9,56' })].join('\n'));
  const { id, aliases, ...entry } = { ...found?.entry };
  const { id: other, aliases: others, ...expected } = { ...plain?.entry };
  expect(entry).toEqual(expected);
  expect([id, aliases, other, others]).toEqual([
    'INC0000045',
    ['0000045', '45'],
    '0000045',
    ['INC0000045', '45'],
  ]);
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

test('a column that a file has twice is told with its place, and so is a second one for the same field', async () => {
  const names =
    'number,state,opened_at,sys_updated_at,short_description,State,short_description,incident_state';
  const reading = await openLog(
    written([names, '1,6,2016-02-29 01:00,2016-02-29 01:01,Slow,7,Other,2'].join('\n')),
  );
  const [only] = [...reading.read()];
  expect(only?.entry?.ticket).toMatchObject({ title: 'Slow', status: 'in_progress' });
  expect(reading.leftOut().columns).toEqual(['state', 'State', 'short_description (column 7)']);
});

test('letters that were lost before the file was written are told', async () => {
  const names = 'number,state,opened_at,sys_updated_at,short_description';
  const rows = ['St\ufffdrung', 'St\ufffdrung', 'Slow'].map(
    (title, at) => `${at},1,2016-02-29 01:00,2016-02-29 01:01,${title}`,
  );
  const reading = await openLog(written([names, ...rows].join('\n')));
  expect([...reading.read()].map(({ entry }) => entry?.ticket.title)).toEqual([
    'St\ufffdrung',
    'St\ufffdrung',
    'Slow',
  ]);
  expect(reading.leftOut().values).toEqual([
    { column: 'short_description', value: '\ufffd', became: expect.stringContaining('lost'), rows: 2 },
  ]);
});
