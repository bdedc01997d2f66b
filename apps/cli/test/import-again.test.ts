import { expect, test } from 'vitest';
import { runDesk } from './desk.ts';
import { header, row, written } from './servicenow-log.ts';

const desk = await runDesk();

/** Imports rows, and tells what the command answered. */
async function run(rows: readonly string[], ...options: string[]) {
  const file = written([`${header},sys_mod_count`, ...rows, ''].join('\n'));
  const { code, stdout, stderr } = await desk.tocsin(['import', 'servicenow', file, '--json', ...options]);
  return { code, stderr, ...JSON.parse(stdout) };
}

const incident = (number: string, day: number): string[] =>
  ['New', 'Active', 'Resolved'].map(
    (state, count) =>
      `${row(number, { state, openedAt: `${day}/2/2016 01:16`, at: `${day}/2/2016 0${count + 2}:00` })},${count}`,
  );
/** So many incidents that their rows go in several batches: first every opening, then the rest. */
const many = (letter: string, day: number): string[] => {
  const all = Array.from({ length: 400 }, (_, at) => incident(`${letter}${at}`, day));
  return [0, 1, 2].flatMap((count) => all.map((rows) => rows[count] ?? ''));
};

test('a second instance with the same numbers is refused as a whole until it has a name of its own', async () => {
  expect(await run(many('A', 20))).toMatchObject({ code: 0, ticketsCreated: 400, rowsRejected: 0 });
  const other = many('A', 25);
  for (const dryRun of [['--dry-run'], []]) {
    const refused = await run(other, ...dryRun);
    expect(refused).toMatchObject({ code: 1, ticketsCreated: 0, eventsWritten: 0, rowsSkipped: 0 });
    expect(refused).toMatchObject({ rowsRead: 1200, rowsRejected: 1200 });
    expect(new Set(refused.rejected.map(({ code }: { code: string }) => code))).toEqual(
      new Set(['import.other_opening']),
    );
  }
  expect(await run(other, '--source-name', 'emea')).toMatchObject({ code: 0, ticketsCreated: 400 });
});

test('times that are read otherwise than before are told, whichever of them is later', async () => {
  const american = ['0', '1'].map(
    (count) =>
      `${row('B1', { openedAt: '3/5/2016 01:16', at: `${Number(count) + 3}/5/2016 01:16` })},${count}`,
  );
  expect(await run(american, '--dates', 'mdy')).toMatchObject({ code: 0, ticketsCreated: 1 });
  expect(await run(american, '--dates', 'dmy')).toMatchObject({ code: 1, rowsRejected: 2, eventsWritten: 0 });
  expect(await run(incident('B2', 20))).toMatchObject({ code: 0, ticketsCreated: 1 });
  for (const zone of ['America/New_York', 'Europe/Berlin'])
    expect(await run(incident('B2', 20), '--time-zone', zone)).toMatchObject({ code: 1, rowsRejected: 3 });
  expect(await run(incident('B2', 20))).toMatchObject({ code: 0, rowsSkipped: 3 });
});

test('what to do is said where a number is that of another ticket', async () => {
  await run(incident('C1', 20));
  const file = written([`${header},sys_mod_count`, ...incident('C1', 25), ''].join('\n'));
  const { code, stderr } = await desk.tocsin(['import', 'servicenow', file]);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/line 2: C1 was opened at .*--source-name.*--overwrite/s),
  ]);
});

test('rejected rows leave no ticket behind', async () => {
  const bad = Array.from({ length: 20 }, (_, at) => `${row(`D${at}`, { at: 'soon' })},0`);
  expect(await run([...bad, ...incident('D20', 20)])).toMatchObject({
    code: 0,
    ticketsCreated: 1,
    rowsRejected: 20,
  });
});

test('what a row that is there says otherwise by now is told with both values', async () => {
  const names = 'number,state,opened_at,sys_updated_at,sys_mod_count,short_description,caller_id,close_notes';
  const at = '2016-02-29 01:00:00,2016-02-29 02:00:00,0';
  const log = (...cells: string[]) => written([names, `E1,6,${at},${cells.join(',')}`].join('\n'));
  await desk.tocsin(['import', 'servicenow', log('Mail', 'Ann', 'a')]);
  const again = ['import', 'servicenow', log('Print', 'Bob', 'b')];
  const { code, stderr } = await desk.tocsin(again);
  expect(code).toBe(0);
  for (const told of ['title is Mail here, Print', 'requester is Ann here, Bob', 'other: a here, other: b'])
    expect(stderr).toContain(told);
  await desk.tocsin([...again, '--overwrite']);
  const { items } = await desk.client.tickets.list.query({ source: 'servicenow:E1' });
  expect(items).toMatchObject([{ title: 'Print', requester: { name: 'Bob' } }]);
});

test('rows that cannot be known again without their counts are told, with what they are known by', async () => {
  await run(incident('F1', 20));
  const uncounted = incident('F1', 20).map((line) => line.replace(/,\d$/, ''));
  const { stderr } = await desk.tocsin(['import', 'servicenow', written([header, ...uncounted].join('\n'))]);
  expect(stderr).toMatch(/line 2: F1 was taken over up to .*known by sys_mod_count/s);
});
