import { expect, test } from 'vitest';
import { runDesk } from './desk.ts';

const desk = await runDesk();
const { tocsin, json, client } = desk;

interface Named {
  readonly key: string;
  readonly id: number;
}

const create = (title: string): Promise<Named> => client.tickets.create.mutate({ title });

test.concurrent('a ticket is opened with everything that was given, and its key is told', async () => {
  const { code, stdout, stderr } = await tocsin(
    ['tickets', 'create', '--title', 'VPN drops', '--description', '-', '--type', 'problem'].concat([
      '--impact',
      'High',
      '--urgency',
      'medium',
      '--restricted',
      '--tag',
      'vpn',
      '--tag',
      'Net',
    ]),
    { stdin: 'Since **this** morning.\n' },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, key] = /^Opened (PRB-\d+): VPN drops \(priority high\)\n$/.exec(stdout) ?? [];
  expect(await client.tickets.get.query({ id: key! })).toMatchObject({
    type: 'problem',
    description: 'Since **this** morning.\n',
    impact: 'high',
    urgency: 'medium',
    restricted: true,
    tags: ['net', 'vpn'],
  });
});

test.concurrent('without a title there is nothing to open: wrong usage', async () => {
  const { code, stdout, stderr } = await tocsin(['tickets', 'create', '--priority', 'low']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('--title');
});

test('--json prints what the desk answers, and nothing else', async () => {
  const { key, id } = await create('As it is');
  const told = await Promise.all([
    json(['tickets', 'show', key]),
    json(['tickets', 'history', key]),
    json(['tickets', 'lifecycle']),
    json(['tickets', 'list', '--limit', '2']),
    json(['whoami']),
  ]);
  expect(told).toEqual([
    await client.tickets.get.query({ id }),
    await client.tickets.history.query({ id }),
    await client.tickets.lifecycle.query(),
    await client.tickets.list.query({ limit: 2 }),
    await client.sessions.me.query(),
  ]);
  const edited = await json(['tickets', 'edit', key, '--priority', 'urgent']);
  expect(edited).toEqual(await client.tickets.get.query({ id }));
});

test.concurrent('a ticket is found by its number and by its key in any letters', async () => {
  const { key, id } = await create('Found');
  for (const name of [String(id), key, key.toLowerCase()]) {
    expect((await tocsin(['tickets', 'show', name])).stdout).toContain(`${key}  Found\n`);
  }
});

test.concurrent('what is not given stays, and what can be without a value can be emptied', async () => {
  const { id } = await client.tickets.create.mutate({
    title: 'Full',
    description: 'text',
    impact: 'high',
    urgency: 'high',
    restricted: true,
    tags: ['a'],
  });
  const empty = ['--no-description', '--impact', 'none', '--no-urgency', '--no-restricted', '--no-tags'];
  expect(await json(['tickets', 'edit', String(id), ...empty])).toMatchObject({
    title: 'Full',
    description: null,
    impact: null,
    urgency: null,
    restricted: false,
    tags: [],
  });
});

test.concurrent('editing nothing is wrong usage, and changes nothing', async () => {
  const { key, id } = await create('Same');
  const { code, stderr } = await tocsin(['tickets', 'edit', key]);
  expect(code).toBe(2);
  expect(stderr).toContain('--help');
  expect(await client.tickets.get.query({ id })).toMatchObject({ version: 1 });
});

test.concurrent('every edit says what changed, and replaced tags are among it', async () => {
  const { id, key } = await client.tickets.create.mutate({ title: 'Slow', tags: ['sap', 'vpn'] });
  const edit = async (...args: string[]) => (await tocsin(['tickets', 'edit', key, ...args])).stdout;
  expect(await edit('--impact', 'high', '--urgency', 'high')).toBe(
    `${key} is now at version 2: Slow\n  priority medium → urgent, impact none → high, urgency none → high\n`,
  );
  expect(await edit('--add-tag', 'Slow', '--add-tag', 'sap', '--remove-tag', 'vpn')).toBe(
    `${key} is now at version 3: Slow\n  tags sap, vpn → sap, slow\n`,
  );
  expect(await edit('--tag', 'new')).toContain('  tags sap, slow → new\n');
  expect(await edit('--add-tag', 'NEW')).toBe(`Nothing changed: ${key} stays at version 4\n`);
  for (const wrong of [['--tag', 'a', '--add-tag', 'b'], ['--no-tags', '--remove-tag', 'b'], ['--editor']])
    expect((await tocsin(['tickets', 'edit', key, ...wrong])).code, wrong.join(' ')).toBe(2);
  expect(await client.tickets.get.query({ id })).toMatchObject({ tags: ['new'], version: 4 });
});

test.concurrent('a ticket goes through its life, with hyphens or underscores', async () => {
  const { key } = await create('Alive');
  const move = async (...args: string[]) => (await tocsin(['tickets', 'move', key, ...args])).stdout;
  expect(await move('in-progress')).toBe(`${key} is in_progress\n`);
  expect(await move('on_hold', '--hold-reason', 'vendor')).toBe(`${key} is on_hold (vendor)\n`);
  expect(await move('resolved', '--resolution', 'wont-fix', '--note', 'Too old')).toBe(
    `${key} is resolved (wont_fix)\n`,
  );
  const { stdout } = await tocsin(['tickets', 'history', key]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.split('\t')[2])).toEqual([
    'created: title Alive, status open, priority medium, type incident',
    'status open → in_progress',
    'status in_progress → on_hold, hold reason none → vendor',
    'status on_hold → resolved, hold reason vendor → none, resolution none → wont_fix Too old',
  ]);
});

test.concurrent('a move that the lifecycle does not have tells those that it has', async () => {
  const { key } = await create('Stuck');
  const { code, stdout, stderr } = await tocsin(['tickets', 'move', key, 'open']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('code: ticket.transition_not_allowed\n');
  expect(stderr).toContain('allowed: in_progress, on_hold, resolved, closed, cancelled\n');
});

test.concurrent('a move that lacks something is not asked for where nobody can answer', async () => {
  const { key } = await create('Waiting');
  const { code, stderr } = await tocsin(['tickets', 'move', key, 'on-hold']);
  expect(code).toBe(1);
  expect(stderr).toContain('--hold-reason: ');
  expect(stderr).toContain('code: ticket.move_incomplete\n');
});

test.concurrent('a ticket that is not there is told with its code', async () => {
  expect(await tocsin(['tickets', 'show', 'INC-999999'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: Ticket not found\ncode: ticket.not_found\n',
  });
});

test.concurrent('bad input is told field by field', async () => {
  const { code, stderr } = await tocsin(['tickets', 'create', '--title', ' ', '--tag', 'a,b']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^ {2}title: /m);
  expect(stderr).toMatch(/^ {2}tags\.0: /m);
});

test('in a pipe a list is tab-separated, newest first, without a head or colour', async () => {
  const { key } = await create('The newest\tof\nall'.replace('\n', ' '));
  const { stdout } = await tocsin(['tickets', 'list', '--limit', '1'], { env: { FORCE_COLOR: '' } });
  expect(stdout).toMatch(new RegExp(`^${key}\topen\tmedium\t\\S+Z\tThe newest of all\n$`));
});

test('a list filters, and says so when nothing is left', async () => {
  const { key } = await create('Dropped');
  await client.tickets.move.mutate({ id: key, status: 'cancelled' });
  expect((await tocsin(['tickets', 'list', '--status', 'cancelled,Resolved'])).stdout).toContain('Dropped');
  expect((await tocsin(['tickets', 'list', '--status', 'open'])).stdout).not.toContain('Dropped');
  expect(await tocsin(['tickets', 'list', '--source', 'servicenow:0'])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'No ticket is like that.\n',
  });
});

test('--all goes through every page, and a cursor goes on where a page ended', async () => {
  await Promise.all([create('one'), create('two'), create('three')]);
  const { items } = (await json(['tickets', 'list', '--all', '--limit', '2'])) as { items: Named[] };
  const everything = await client.tickets.list.query({ limit: 100 });
  expect(items).toEqual(everything.items);
  const { stderr } = await tocsin(['tickets', 'list', '--limit', '2']);
  const [, cursor] = /--cursor (\S+)/.exec(stderr) ?? [];
  const next = (await json(['tickets', 'list', '--limit', '1', '--cursor', cursor!])) as { items: Named[] };
  expect(next.items).toEqual([everything.items[2]]);
});

test('no text of a ticket commands the terminal; with --json it arrives as it is', async () => {
  const evil = '\u001b]0;owned\u0007 \u009b2J \u001b[31mred';
  const { id } = await client.tickets.create.mutate({ title: evil, description: `${evil}\nline two` });
  await client.tickets.edit.mutate({ id, title: `${evil}!` });
  for (const command of [
    ['tickets', 'show', String(id)],
    ['tickets', 'history', String(id)],
    ['tickets', 'list', '--limit', '5'],
    ['tickets', 'edit', String(id), '--priority', 'low'],
  ]) {
    const { stdout, stderr } = await tocsin(command);
    expect((stdout + stderr).replace(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u);
    expect(stdout).toContain('owned');
  }
  expect(await json(['tickets', 'show', String(id)])).toMatchObject({ title: `${evil}!` });
});

test('people, team and service of a ticket are set, found and taken away by name', async () => {
  const ann = await client.users.create.mutate({ email: 'ann@example.com', name: 'Ann', role: 'agent' });
  const { id: teamId } = await client.teams.create.mutate({ name: 'Network' });
  await client.services.create.mutate({ name: 'VPN', teamId });
  const people = ['--requester', 'me', '--assignee', 'ann@example.com', '--service', 'vpn'];
  const { key } = (await json(['tickets', 'create', '--title', 'Referring', ...people])) as Named;
  expect(await client.tickets.get.query({ id: key })).toMatchObject({
    requester: { name: 'Administrator' },
    assignee: { id: ann.id, name: 'Ann' },
    team: { name: 'Network' },
    service: { name: 'VPN' },
  });
  expect((await tocsin(['tickets', 'show', key])).stdout).toMatch(
    /Requester +Administrator\nAssignee +Ann\nTeam +Network\nService +VPN\n/,
  );
  for (const filter of [
    ['--assignee', 'Ann'],
    ['--assignee', ann.id],
    ['--requester', 'me', '--team', 'network', '--service', 'VPN'],
  ]) {
    expect(await json(['tickets', 'list', ...filter])).toMatchObject({ items: [{ key }], nextCursor: null });
  }
  expect((await tocsin(['tickets', 'list', '--assignee', 'me'])).stderr).toBe('No ticket is like that.\n');

  const clearing = ['--no-requester', '--no-team', '--no-service', '--assignee', 'me'];
  expect(await json(['tickets', 'edit', key, ...clearing])).toMatchObject({
    requester: null,
    assignee: { name: 'Administrator' },
    team: null,
    service: null,
  });
  expect(await json(['tickets', 'edit', key, '--no-assignee'])).toMatchObject({ assignee: null, version: 3 });
  const { stdout } = await tocsin(['tickets', 'history', key]);
  expect(stdout).toContain('assignee Ann → Administrator');
  expect(stdout).toContain('assignee Administrator → none');
});

test.each([
  ['--assignee', 'nobody@example.com', 'Nobody whom you may see has the email nobody@example.com.'],
  ['--requester', 'Nobody', 'Nobody whom you may see is called Nobody.'],
  ['--team', 'Nowhere', 'There is no team Nowhere.'],
  ['--service', 'Nothing', 'There is no service Nothing.'],
])('%s %s is refused, and no ticket is opened', async (option, name, said) => {
  const before = await client.tickets.list.query();
  const { code, stdout, stderr } = await tocsin(['tickets', 'create', '--title', 'x', option, name]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(said);
  expect(await client.tickets.list.query()).toEqual(before);
});

test('what an id does not name is told by the option that set it', async () => {
  const nobody = '019c1378-2a00-7d3b-9a50-3f5c1b7e9d12';
  const { code, stderr } = await tocsin(['tickets', 'create', '--title', 'x', '--assignee', nobody]);
  expect(code).toBe(1);
  expect(stderr).toContain('  --assignee: There is no such user\n');
});

test('fields that a requester may not set are told by their options, once', async () => {
  await client.users.create.mutate({
    email: 'asker@example.com',
    name: 'Asker',
    role: 'requester',
    kind: 'service',
  });
  const { items } = await client.users.list.query({ email: 'asker@example.com' });
  const { token } = await client.tokens.create.mutate({ name: 'asks', userId: items[0]!.id });
  const words = ['tickets', 'create', '--title', 'x', '--assignee', 'me', '--priority', 'high'];
  const { code, stdout, stderr } = await tocsin(words, { env: { TOCSIN_TOKEN: token } });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^error: You may not set (priority, --assignee|--assignee, priority)\ncode: permission\.field_denied\nYour role/,
  );
});
