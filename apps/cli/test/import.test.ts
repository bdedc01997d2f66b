import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { recordedFields, replayedFields } from '@tocsin/domain/testing';
import { expect, onTestFinished, test } from 'vitest';
import { entriesOf } from '../src/import/batches.ts';
import { decode } from '../src/import/encoding.ts';
import { openFile } from '../src/import/file.ts';
import { servicenow } from '../src/import/servicenow.ts';
import { runDesk, TOKEN } from './desk.ts';
import { temporaryFolder, tocsin } from './tocsin.ts';

const excerpt = join(import.meta.dirname, 'fixtures/servicenow-excerpt.csv');
const header = readFileSync(excerpt, 'utf8').split('\n', 1)[0]!;

const desk = await runDesk();

const run = (file: string, ...options: string[]) => desk.tocsin(['import', 'servicenow', file, ...options]);

async function summaryOf(file: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run(file, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** The excerpt with other numbers, so that tests do not meet in one desk. */
function copyOf(prefix: string, change = (text: string) => text): string {
  const file = join(temporaryFolder(), `${prefix}.csv`);
  writeFileSync(file, change(readFileSync(excerpt, 'utf8').replace(/^0/gm, prefix)));
  return file;
}

/** A zip of one file, by hand: a local header, the deflated bytes, the central directory, its end. */
function zipped(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content);
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(8, 4);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(packed.length, 14);
  shared.writeUInt32LE(content.length, 18);
  shared.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), shared, Buffer.from(name), packed]);
  const central = Buffer.concat([
    Buffer.from('PK\u0001\u0002\u0014\0'),
    shared,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

/** A way to the desk that does to each request what the test wants, or passes it on. */
async function throughProxy(
  meddle: (request: IncomingMessage, response: ServerResponse, pass: () => void) => void,
): Promise<string> {
  const server = createServer((incoming, response) => {
    const pass = (): void => {
      const { method, headers, url } = incoming;
      const passed = request(desk.url + url, { method: method ?? 'GET', headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(passed);
    };
    meddle(incoming, response, pass);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const leftOut = { columns: expect.arrayContaining(['active', 'closed_code']), values: [] };
const figures = {
  system: 'servicenow',
  dryRun: false,
  rowsRead: 194,
  ticketsCreated: 33,
  eventsWritten: 151,
  rowsSkipped: 0,
  rowsRejected: 2,
  conflictCount: 0,
  conflicts: [],
  leftOut,
};
const rejected = [184, 185].map((line) => ({
  line,
  code: 'row.unreadable',
  reason: expect.stringContaining('-100'),
}));

test('a history comes in with every change at its time and by its author; a second run changes nothing', async () => {
  const file = copyOf('A');
  expect(await summaryOf(file)).toEqual({ ...figures, rejected });

  const { items } = await desk.client.tickets.list.query({ source: 'servicenow:A001894' });
  expect(items).toMatchObject([{ status: 'closed', reopenCount: 1, resolution: { code: 'other' } }]);
  expect(items).toMatchObject([{ requester: { name: 'Caller 5197' }, team: { name: 'Group 10' } }]);
  expect(await desk.client.users.get.query({ id: items[0]!.assignee!.id })).toMatchObject({
    name: 'Assignee 139',
    active: false,
    email: null,
    role: 'agent',
    source: { system: 'servicenow', id: 'assignee:139' },
  });
  const history = await desk.client.tickets.history.query({ id: items[0]!.id });
  expect(history.items.map(({ type, at, actor }) => [type, at, actor.name])).toEqual([
    ['created', '2016-03-03T12:34:00.000Z', '131'],
    ['updated', '2016-03-04T14:06:00.000Z', '451'],
    ['status_changed', '2016-03-08T14:34:00.000Z', '777'],
    ['status_changed', '2016-03-22T15:05:00.000Z', '495'],
    ['status_changed', '2016-03-27T15:59:00.000Z', '908'],
    ['reopened', '2016-04-28T11:12:00.000Z', '914'],
    ['status_changed', '2016-05-16T07:51:00.000Z', '495'],
    ['status_changed', '2016-05-21T08:07:00.000Z', '908'],
  ]);

  expect(await summaryOf(file)).toEqual({
    ...figures,
    ticketsCreated: 0,
    eventsWritten: 0,
    rowsSkipped: 192,
    rejected,
  });
});

/** Sends the file as `tocsin import` did before there were people. */
async function importWithoutPeople(path: string): Promise<void> {
  const text = await decode({ ...(await openFile(path)), encoding: null });
  const reading = await servicenow.open({ path, text }, { dates: null, timeZone: null, grouped: false });
  const bare = [...reading.read()].flatMap(entriesOf).map(({ key: _, aliases: __, after: ___, ...entry }) => {
    const { requester: ____, assignee: _____, team: ______, ...ticket } = entry.ticket;
    return { ...entry, ticket };
  });
  await desk.client.imports.append.mutate({ system: 'servicenow', entries: bare });
}

async function ticketOf(number: string) {
  const { items } = await desk.client.tickets.list.query({ source: `servicenow:${number}` });
  const history = await desk.client.tickets.history.query({ id: items[0]!.id, limit: 100 });
  return { ticket: items[0]!, events: history.items };
}

test('a history that came in before there were people gets them at the next run, as events of their own', async () => {
  const file = copyOf('H');
  await importWithoutPeople(file);
  const before = await ticketOf('H001894');
  expect(before.ticket).toMatchObject({ requester: null, assignee: null, team: null, version: 7 });

  const again = { ...figures, ticketsCreated: 0, rowsSkipped: 192, rejected };
  expect(await summaryOf(file)).toEqual({ ...again, eventsWritten: 62 });
  const { ticket, events } = await ticketOf('H001894');
  expect(events.slice(0, 7)).toEqual(before.events);
  expect(events.slice(7)).toMatchObject([
    {
      type: 'updated',
      at: '2016-03-03T12:34:00.000Z',
      actor: { name: '131' },
      changes: {
        requester: { from: null, to: { name: 'Caller 5197' } },
        assignee: { from: null, to: { name: 'Assignee 139' } },
        team: { from: null, to: { name: 'Group 70' } },
      },
    },
    {
      type: 'updated',
      at: '2016-03-04T14:06:00.000Z',
      actor: { name: '451' },
      changes: { team: { from: { name: 'Group 70' }, to: { name: 'Group 10' } } },
    },
  ]);
  expect(events).toHaveLength(9);
  expect(replayedFields(events)).toEqual(recordedFields(ticket));

  expect(await summaryOf(file)).toEqual({ ...again, eventsWritten: 0 });
});

test('in a pipe the table is plain, and rejected rows are on standard error by their lines', async () => {
  const { code, stdout, stderr } = await run(copyOf('B'));
  expect(code).toBe(0);
  expect(stdout).toBe(
    'Rows read\t194\nTickets created\t33\nEvents written\t151\nRows skipped\t0\nRows rejected\t2\nConflicts\t0\n',
  );
  expect(stderr).toMatch(
    /^Importing into the desk at http.*\nline 184: .*-100.*\nline 185: .*-100.*\nColumns that are not taken over: active, .*\n$/,
  );
});

test('a zip is known by its content, whatever its name', async () => {
  const file = join(temporaryFolder(), 'log.csv');
  writeFileSync(file, zipped('folder/log.csv', readFileSync(copyOf('C'))));
  expect(await summaryOf(file)).toEqual({ ...figures, rejected });
});

test('a zip without a CSV file says so', async () => {
  const file = join(temporaryFolder(), 'log.zip');
  writeFileSync(file, zipped('readme.txt', Buffer.from('nothing')));
  expect(await run(file)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('no CSV') });
});

test('rows that the desk refuses are told by their lines, and the rest goes in', async () => {
  const file = copyOf('D', (text) => {
    const lines = text.split('\n');
    const cells = lines[2]!.split(',');
    // Too long a title for the desk's schema, which then takes nothing of the batch.
    cells[16] = 'x'.repeat(300);
    lines[2] = cells.join(',');
    // Closed and then New again is against the lifecycle.
    const again = lines[1]!.split(',');
    [again[5], again[13]] = ['9', '6/3/2016 12:00'];
    lines.splice(5, 0, again.join(','));
    return lines.join('\n');
  });
  const summary = await summaryOf(file);
  expect(summary).toMatchObject({ ...figures, rowsRead: 195, rowsRejected: 4, eventsWritten: 151 });
  expect(summary.rejected).toEqual([
    { line: 3, code: 'input.invalid', reason: 'title: Must be at most 200 characters' },
    { line: 6, code: 'ticket.transition_not_allowed', reason: expect.stringContaining('closed') },
    ...rejected.map((row) => ({ ...row, line: row.line + 1 })),
  ]);
});

test('a batch whose answer is lost, or that meets a desk that cannot, is sent again: nothing twice, nothing missing', async () => {
  let imports = 0;
  const url = await throughProxy((incoming, response, pass) => {
    if (!incoming.url?.includes('imports.append')) return pass();
    imports += 1;
    // The first is lost before it arrives, the second after it was carried out, the third meets a proxy's own page.
    if (imports === 1) return void incoming.socket.destroy();
    if (imports === 2) {
      response.writeHead = () => {
        incoming.socket.destroy();
        return response;
      };
      return pass();
    }
    if (imports === 3) return void response.writeHead(502).end('<h1>Bad gateway</h1>');
    pass();
  });
  const env = { TOCSIN_URL: url };
  const { code, stdout } = await desk.tocsin(['import', 'servicenow', copyOf('E'), '--json'], { env });
  expect(code).toBe(0);
  expect(imports).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({ rowsRead: 194, rowsSkipped: 0, rowsRejected: 2 });
  const { items } = await desk.client.tickets.list.query({ source: 'servicenow:E000045' });
  expect(items).toMatchObject([{ status: 'closed', version: 3 }]);
});

test('without a desk, or with a wrong token, it ends at once', async () => {
  const nobody = await tocsin([
    'import',
    'servicenow',
    excerpt,
    '--url',
    'http://127.0.0.1:9',
    '--token',
    TOKEN,
  ]);
  expect(nobody).toMatchObject({ code: 1, stdout: '' });
  expect(nobody.stderr).toContain('does not answer');
  const stranger = await tocsin(['import', 'servicenow', excerpt, '--url', desk.url, '--token', 'another']);
  expect(stranger.stderr).toContain('code: auth.required');
});

test.each([
  ['a file that is not there', '/nowhere/log.csv', 'There is no file /nowhere/log.csv.'],
  ['a folder', import.meta.dirname, 'is not a file'],
  ['another file', import.meta.filename, 'not an incident event log'],
])('%s is a failure, and told as what it is', async (_what, file, message) => {
  const { code, stdout, stderr } = await run(file);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr.trimEnd().split('\n').length).toBeLessThan(4);
});

test('of very many rejected rows the first are shown, and how many more there are', async () => {
  const file = join(temporaryFolder(), 'log.csv');
  const rows = Array.from({ length: 3000 }, (_, at) => `\u001b[31m${at},${'?,'.repeat(35)}`.slice(0, -1));
  writeFileSync(file, [header, ...rows, ''].join('\n'));
  const { code, stdout, stderr } = await run(file);
  // A file of which nothing goes in was most likely the wrong one.
  expect(code).toBe(1);
  expect(stdout).toContain('Rows rejected\t3000\n');
  const [desk, ...lines] = stderr.trimEnd().split('\n');
  expect(desk).toContain('Importing into');
  expect(lines).toHaveLength(23);
  expect(lines[20]).toContain('2980 more');
  expect(lines.at(-1)).toContain('No row could be taken over');
  expect(stderr).not.toContain('\u001b');
});

/** A log of one incident, with the people that it needs and no others. */
const small = 'number,state,opened_at,sys_updated_at,short_description,impact,urgency';
function smallLog(...rows: string[]): string {
  const file = join(temporaryFolder(), 'small.csv');
  writeFileSync(file, [small, ...rows, ''].join('\n'));
  return file;
}
const change = (id: string, day: number, rest: string): string => {
  const [state, ...more] = rest.split(',');
  return [id, state, '2016-02-01 08:00', `2016-02-0${day} 09:00`, ...more].join(',');
};

test('what was changed here stays, is told each time, and gives way to --overwrite', async () => {
  const log = [change('HAND1', 1, 'New,Mail,2,2'), change('HAND1', 2, 'Active,Mail,2,2')];
  await summaryOf(smallLog(...log));
  const { ticket } = await ticketOf('HAND1');
  await desk.client.tickets.move.mutate({ id: ticket.id, status: 'resolved', resolution: { code: 'fixed' } });
  const grown = smallLog(
    ...log,
    change('HAND1', 3, 'On Hold,Mail,1,2'),
    change('HAND1', 4, 'On Hold,Mail,1,2'),
  );
  const conflict = { line: 4, id: 'HAND1', field: 'status', kept: 'resolved', source: 'on_hold' };
  const told = { conflictCount: 1, conflicts: [conflict] };
  expect(await summaryOf(grown)).toMatchObject({ ...told, eventsWritten: 1, rowsSkipped: 2 });
  expect(await summaryOf(grown)).toMatchObject({ ...told, eventsWritten: 0, rowsSkipped: 4 });
  expect((await ticketOf('HAND1')).ticket).toMatchObject({ status: 'resolved', impact: 'high' });
  const { stderr } = await run(grown);
  expect(stderr).toContain('line 4: HAND1: status is resolved here, on_hold in the source\n');
  expect(stderr).toContain('--overwrite');

  const { code, stdout } = await run(grown, '--overwrite', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ conflictCount: 0, eventsWritten: 1 });
  expect((await ticketOf('HAND1')).ticket).toMatchObject({ status: 'on_hold', reopenCount: 1 });
});

test('a dry run says the same as the import that follows, and writes nothing', async () => {
  const file = copyOf('DRY');
  const dry = await run(file, '--dry-run', '--json');
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  const asked = JSON.parse(dry.stdout);
  expect(asked).toEqual({ ...figures, rejected, dryRun: true });
  expect((await desk.client.tickets.list.query({ source: 'servicenow:DRY000045' })).items).toEqual([]);
  expect(await summaryOf(file)).toEqual({ ...asked, dryRun: false });
});

test('two sources with the same numbers are told apart by their names', async () => {
  const [one, other] = ['Mail', 'Print'].map((title) => smallLog(change('TWIN1', 1, `New,${title},2,2`)));
  await summaryOf(one!);
  const { code } = await run(other!, '--source-name', 'servicenow-emea');
  expect(code).toBe(0);
  const { items } = await desk.client.tickets.list.query({ source: 'servicenow-emea:TWIN1' });
  expect(items).toMatchObject([{ title: 'Print' }]);
  expect((await ticketOf('TWIN1')).ticket.title).toBe('Mail');
});

test('a file that is not what it is said to be sends nothing', async () => {
  const file = join(temporaryFolder(), 'latin.csv');
  const good = change('LATIN1', 1, 'New,Mail,2,2');
  writeFileSync(
    file,
    Buffer.from([small, good, change('LATIN2', 1, 'New,Störung,2,2')].join('\n'), 'latin1'),
  );
  const { code, stderr } = await run(file);
  expect(code).toBe(1);
  expect(stderr).toMatch(/not in utf-8: the byte 0xF6 at offset \d+, in line 3.*\n.*--encoding windows-1252/);
  expect((await desk.client.tickets.list.query({ source: 'servicenow:LATIN1' })).items).toEqual([]);
  expect((await run(file, '--encoding', 'cp1252')).code).toBe(0);
  expect((await ticketOf('LATIN2')).ticket.title).toBe('Störung');
});

test('a gzip is known by its content; one that is cut is told as such', async () => {
  const packed = gzipSync(readFileSync(copyOf('GZ')));
  const [whole, cut] = [packed, packed.subarray(0, -20)].map((bytes, at) => {
    const file = join(temporaryFolder(), `log-${at}.csv.gz`);
    writeFileSync(file, bytes);
    return file;
  });
  expect((await run(cut!)).stderr).toContain('is a gzip that ends too early');
  expect(await summaryOf(whole!)).toEqual({ ...figures, rejected });
});

test('standard input is read as a file is', async () => {
  const stdin = readFileSync(copyOf('IN'), 'utf8');
  const { code, stdout } = await desk.tocsin(['import', 'servicenow', '-', '--json'], { stdin });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ ...figures, rejected });
});

test('a zip with a wrong checksum, and one that is encrypted, send nothing and say why', async () => {
  const whole = zipped('log.csv', Buffer.from([small, change('ZIP1', 1, 'New,Mail,2,2')].join('\n')));
  const write = (bytes: Buffer): string => {
    const file = join(temporaryFolder(), 'log.zip');
    writeFileSync(file, bytes);
    return file;
  };
  const central = whole.indexOf('PK\u0001\u0002', 0, 'latin1');
  const wrong = Buffer.from(whole);
  for (const at of [14, central + 16]) wrong.writeUInt32LE(1, at);
  expect((await run(write(wrong))).stderr).toContain('the checksum of log.csv is wrong. Nothing was sent.');
  const encrypted = Buffer.from(whole);
  for (const at of [6, central + 8]) encrypted.writeUInt16LE(1, at);
  expect((await run(write(encrypted))).stderr).toContain('is encrypted; unpack it with its password');
  expect((await run(write(whole.subarray(0, -30)))).stderr).toContain('ends too early');
  expect((await desk.client.tickets.list.query({ source: 'servicenow:ZIP1' })).items).toEqual([]);
});

test('what is wrong in an option is wrong usage', async () => {
  for (const option of [
    ['--encoding', 'klingon'],
    ['--dates', 'ymd'],
    ['--time-zone', 'Mars/Olympus'],
    ['--source-name', 'Not One'],
  ])
    expect((await run(excerpt, ...option)).code).toBe(2);
});

test('a number from elsewhere finds its ticket', async () => {
  await summaryOf(smallLog(change('INC0000777', 1, 'New,Mail,2,2')));
  const { ticket } = await ticketOf('INC0000777');
  for (const typed of ['INC0000777', 'inc0000777', '0000777', 'source:INC0000777', 'servicenow:INC0000777']) {
    const words = typed.startsWith('servicenow') ? ['--source', typed] : [typed];
    const { stdout } = await desk.tocsin(['tickets', 'list', ...words, '--json']);
    expect(JSON.parse(stdout).items).toMatchObject([{ id: ticket.id }]);
  }
  expect(await desk.tocsin(['tickets', 'show', 'INC0000778'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No ticket came from elsewhere as INC0000778.'),
  });
});
