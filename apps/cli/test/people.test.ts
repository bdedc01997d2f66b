import { createClient } from '@tocsin/client';
import { expect, test } from 'vitest';
import { runDesk } from './desk.ts';

const { url, client, tocsin, json } = await runDesk();

const PASSWORD = 'four words nobody guesses';
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What somebody who is logged in shows. */
async function tokenOf(email: string): Promise<{ TOCSIN_TOKEN: string }> {
  const { token } = await createClient({ url, token: '' }).sessions.start.mutate({
    email,
    password: PASSWORD,
  });
  return { TOCSIN_TOKEN: token };
}

const create = (email: string, name: string, role: 'requester' | 'agent' | 'lead' = 'agent') =>
  client.users.create.mutate({ email, name, role, password: PASSWORD });

test('a user is made, found, changed and shown, by email, name and id alike', async () => {
  const words = ['users', 'create', '--email', 'ada@example.com', '--name', 'Ada Archer', '--role', 'Agent'];
  const made = await tocsin([...words, '--password'], { stdin: `${PASSWORD}\n` });
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toMatch(
    new RegExp(`^Made Ada Archer <ada@example\\.com> \\(agent\\), id ${ID.source}\\n$`),
  );
  const [id] = ID.exec(made.stdout) ?? [];
  expect(await tokenOf('ada@example.com')).toBeDefined();

  for (const name of ['ada@example.com', 'ADA@example.com', 'ada archer', id!]) {
    expect(await json(['users', 'show', name])).toEqual(await client.users.get.query({ id: id! }));
  }
  expect(await json(['users', 'edit', 'ada@example.com', '--role', 'lead', '--name', 'Ada Baker'])).toEqual(
    await client.users.get.query({ id: id! }),
  );
  expect((await tocsin(['users', 'show', 'Ada Baker'])).stdout).toMatch(/^Ada Baker\n\n.*Role +lead\n/s);
  expect((await tocsin(['users', 'list', '--name', 'ada b', '--role', 'lead', '--active'])).stdout).toBe(
    `Ada Baker\tada@example.com\tlead\tperson\tyes\t${id}\n`,
  );
  expect(await json(['users', 'list', '--email', 'ada@example.com'])).toEqual(
    await client.users.list.query({ email: 'ada@example.com' }),
  );
  expect(await tocsin(['users', 'list', '--name', 'Ada', '--inactive'])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'No user is like that.\n',
  });
});

test('who cannot log in yet is told how they come to it', async () => {
  const words = (email: string) => ['users', 'create', '--email', email, '--name', 'X', '--role', 'agent'];
  expect((await tocsin(words('x1@example.com'))).stderr).toContain(
    'tocsin users reset-password x1@example.com',
  );
  const service = await tocsin([...words('x2@example.com'), '--kind', 'service']);
  expect(service.stderr).toMatch(/tocsin tokens create .*--user x2@example\.com/);
  const both = await tocsin([...words('x3@example.com'), '--kind', 'service', '--password']);
  expect(both).toMatchObject({ code: 2, stdout: '' });
});

test('a name that nobody has, or two have, is refused clearly, and nothing is done', async () => {
  const twins = await Promise.all([create('t1@example.com', 'Twin'), create('t2@example.com', 'Twin')]);
  const ambiguous = await tocsin(['users', 'deactivate', 'twin']);
  expect(ambiguous).toMatchObject({ code: 1, stdout: '' });
  expect(ambiguous.stderr).toContain('More than one user is called twin');
  for (const { id } of twins) {
    expect(ambiguous.stderr).toContain(id);
    expect(await client.users.get.query({ id })).toMatchObject({ active: true });
  }
  expect((await tocsin(['users', 'show', 'nobody@example.com'])).stderr).toMatch(
    /^error: Nobody whom you may see has the email nobody@example\.com\.\n.*tocsin users list/,
  );
  expect((await tocsin(['users', 'show', 'Twi'])).stderr).toContain('Nobody whom you may see is called Twi.');
  expect((await tocsin(['teams', 'show', 'Nowhere'])).stderr).toMatch(
    /There is no team Nowhere\.\n.*tocsin teams list/,
  );
  expect((await tocsin(['services', 'show', 'Nothing'])).stderr).toMatch(
    /There is no service Nothing\.\n.*tocsin services list/,
  );
  const blank = await tocsin(['users', 'show', ' ']);
  expect(blank).toMatchObject({ code: 2, stdout: '' });
  expect(blank.stderr).toContain('named by id, email or exact name');
});

test('a team is made, renamed, and people go in and out', async () => {
  const user = await create('member@example.com', 'Member');
  const made = (await json(['teams', 'create', '--name', 'Network'])) as Named;
  expect(made).toEqual(await client.teams.get.query({ id: made.id }));
  expect((await tocsin(['teams', 'members', 'network'])).stderr).toContain('Nobody is in it.');
  expect(await tocsin(['teams', 'add', 'network', 'member@example.com'])).toEqual({
    code: 0,
    stdout: 'member@example.com is in the team network\n',
    stderr: '',
  });
  expect(await json(['teams', 'members', 'Network'])).toEqual(
    await client.teams.members.query({ id: made.id }),
  );
  expect((await tocsin(['teams', 'members', 'Network'])).stdout).toContain(user.id);
  expect((await tocsin(['teams', 'rename', 'NETWORK', 'Network and VPN'])).stdout).toContain(
    'Network and VPN',
  );
  expect((await tocsin(['teams', 'list', '--name', 'network'])).stdout).toBe(
    `Network and VPN\t\t${made.id}\n`,
  );
  expect(await json(['teams', 'list'])).toEqual(await client.teams.list.query());
  expect(await json(['teams', 'remove', made.id, 'Member'])).toBeNull();
  expect((await client.teams.members.query({ id: made.id })).items).toEqual([]);
  const taken = await tocsin(['teams', 'create', '--name', 'network and vpn']);
  expect(taken).toMatchObject({ code: 1, stdout: '' });
  expect(taken.stderr).toContain('code: team.name_taken');
});

test('a service is entered, changed and found, by the name of its team', async () => {
  const [one, two] = await Promise.all(
    ['Mail team', 'Other team'].map((name) => client.teams.create.mutate({ name })),
  );
  expect((await tocsin(['services', 'list'])).stderr).toContain('tocsin services create');
  const made = (await json(['services', 'create', '--name', 'Mail', '--team', 'mail team'])) as Named;
  expect(made).toEqual(await client.services.get.query({ id: made.id }));
  expect((await tocsin(['services', 'list', '--team', 'Mail team'])).stdout).toBe(
    `Mail\tMail team\t${made.id}\n`,
  );
  expect(await json(['services', 'edit', 'mail', '--team', 'Other team'])).toMatchObject({
    name: 'Mail',
    team: { id: two!.id },
  });
  expect((await tocsin(['services', 'edit', 'mail', '--name', 'E-mail'])).stdout).toBe(
    'The service is E-mail (team Other team)\n',
  );
  expect((await tocsin(['services', 'edit', 'e-mail'])).code).toBe(2);
  expect(await json(['services', 'show', 'E-mail'])).toMatchObject({ id: made.id });
  expect(await tocsin(['services', 'list', '--team', one!.id])).toMatchObject({
    stdout: '',
    stderr: 'No service is like that.\n',
  });
});

test('a service is found by name wherever it stands in the list', async () => {
  const { id: teamId } = await client.teams.create.mutate({ name: 'Many services' });
  const names = Array.from({ length: 101 }, (_, at) => `Service ${String(at).padStart(3, '0')}`);
  for (const name of names) await client.services.create.mutate({ name, teamId });
  expect(await json(['services', 'show', 'service 100'])).toMatchObject({ name: 'Service 100' });
});

test('who is deactivated leaves open tickets to hand over, and is refused from then on', async () => {
  const { id: assigneeId } = await create('leaver@example.com', 'Leaver');
  const env = await tokenOf('leaver@example.com');
  const open = await client.tickets.create.mutate({ title: 'Left behind', assigneeId });
  const done = await client.tickets.create.mutate({ title: 'Done', assigneeId });
  await client.tickets.move.mutate({ id: done.key, status: 'cancelled' });
  expect((await tocsin(['whoami'], { env })).stdout).toContain('Leaver (agent)');

  const { code, stdout, stderr } = await tocsin(['users', 'deactivate', 'leaver@example.com']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    new RegExp(
      `^Leaver <leaver@example\\.com> is deactivated; .*\n${open.key}\topen\tmedium\t\\S+\tLeft behind\n$`,
    ),
  );
  expect(stderr).toContain(`tocsin tickets edit ${open.key} --assignee <user>`);
  expect(stderr).toContain('tocsin tickets list --assignee leaver@example.com');
  await expect.poll(async () => (await tocsin(['whoami'], { env })).stderr).toContain('code: auth.required');

  const again = await tocsin(['users', 'deactivate', 'leaver@example.com']);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.stdout).toContain('was not active before, either');
  const other = await client.tickets.create.mutate({ title: 'Not theirs' });
  const refused = await tocsin(['tickets', 'edit', other.key, '--assignee', 'Leaver']);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('--assignee: This user is not active');
  expect(await json(['users', 'activate', 'leaver@example.com'])).toEqual(
    await client.users.get.query({ id: assigneeId }),
  );
});

test('who gets a role that does not work on tickets leaves open tickets to hand over', async () => {
  const { id: assigneeId } = await create('moved@example.com', 'Moved');
  const { key } = await client.tickets.create.mutate({ title: 'Left', assigneeId });
  const { code, stdout, stderr } = await tocsin([
    'users',
    'edit',
    'moved@example.com',
    '--role',
    'requester',
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    new RegExp(`^Moved <moved@example\\.com> is requester\n${key}\topen\tmedium\t\\S+\tLeft\n$`),
  );
  expect(stderr).toContain(`tocsin tickets edit ${key} --assignee <user>`);
});

test('--json of a deactivation is the answer itself, open tickets included', async () => {
  const { id: assigneeId } = await create('json-leaver@example.com', 'Json leaver');
  const ticket = await client.tickets.create.mutate({ title: 'Left', assigneeId });
  const answer = await json(['users', 'deactivate', 'json-leaver@example.com']);
  expect(answer).toEqual({ ...(await client.users.get.query({ id: assigneeId })), openTickets: [ticket] });
});

test('whoever is no administrator is refused in plain words: exit 1', async () => {
  await create('agent@example.com', 'Plain agent');
  const env = await tokenOf('agent@example.com');
  const words = ['users', 'create', '--email', 'no@example.com', '--name', 'No', '--role', 'admin'];
  for (const command of [words, ['audit', 'list'], ['teams', 'create', '--name', 'No']]) {
    expect(await tocsin(command, { env })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: You may not do this\ncode: permission.denied\nYour role decides that: `tocsin permissions` shows who may do what.\n',
    });
  }
  const edit = await tocsin(['users', 'edit', 'me', '--role', 'admin', '--name', 'Chief'], { env });
  expect(edit).toMatchObject({ code: 1, stdout: '' });
  expect(edit.stderr).toMatch(
    /^error: You may not set (name, role|role, name)\ncode: permission\.field_denied\n/,
  );
});

test('an agent, who sees no emails, names colleagues by name', async () => {
  await create('colleague@example.com', 'Only colleague');
  await create('sees-no-emails@example.com', 'Sees no emails');
  const env = await tokenOf('sees-no-emails@example.com');
  const { stdout } = await tocsin(['users', 'list', '--name', 'Only'], { env });
  expect(stdout).toMatch(/^Only colleague\t\t\tperson\tyes\t\S+\n$/);
  const by = (name: string) =>
    tocsin(['tickets', 'create', '--title', 'For a colleague', '--assignee', name], { env });
  expect((await by('only COLLEAGUE')).code).toBe(0);
  const unseen = await by('colleague@example.com');
  expect(unseen).toMatchObject({ code: 1, stdout: '' });
  expect(unseen.stderr).toMatch(/has the email.*named by id or name/s);
});

test('a lead takes people into their own team, and no other', async () => {
  const lead = await create('lead@example.com', 'Lead', 'lead');
  await create('newcomer@example.com', 'Newcomer');
  const [own] = await Promise.all(
    ['Own team', 'Foreign team'].map((name) => client.teams.create.mutate({ name })),
  );
  await client.teams.addMember.mutate({ id: own!.id, userId: lead.id });
  const env = await tokenOf('lead@example.com');
  expect((await tocsin(['teams', 'add', 'Own team', 'Newcomer'], { env })).code).toBe(0);
  const refused = await tocsin(['teams', 'add', 'Foreign team', 'Newcomer'], { env });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('You may not change who is in this team');
});

test('no name commands the terminal', async () => {
  const { id } = await client.teams.create.mutate({ name: 'Evil \u202e team' });
  for (const command of [
    ['teams', 'list'],
    ['teams', 'show', id],
    ['teams', 'rename', id, 'Evil \u202e team 2'],
  ]) {
    const { stdout } = await tocsin(command);
    expect(stdout).toContain('Evil');
    expect(stdout).not.toContain('\u202e');
  }
});
