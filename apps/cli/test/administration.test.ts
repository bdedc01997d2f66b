import { createClient } from '@tocsin/client';
import { expect, test } from 'vitest';
import { runDesk } from './desk.ts';

const { url, client, tocsin, json } = await runDesk();

const PASSWORD = 'four words nobody guesses';
const refusal = (token: string): Promise<unknown> =>
  createClient({ url, token })
    .sessions.me.query()
    .catch((error) => error.data.problem.code);

interface Created {
  readonly id: string;
  readonly token: string;
}

test('a token stands alone on standard output, works, is listed, and is refused once revoked', async () => {
  const words = ['tokens', 'create', '--name', 'laptop', '--scope', 'tickets:read', '--scope', 'Users:read'];
  const { code, stdout, stderr } = await tocsin([...words, '--expires', '2099-01-31']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^toc_\S{43}\n$/);
  const token = stdout.trim();
  expect(stderr).toMatch(/not shown again.*until 2099-01-31 00:00:00 UTC, for tickets:read, users:read\./);
  expect(stderr).not.toContain(token);
  const [, id] = /tocsin tokens revoke (\S+)/.exec(stderr) ?? [];
  expect(await createClient({ url, token }).sessions.me.query()).toMatchObject({
    scopes: ['tickets:read', 'users:read'],
  });

  expect((await tocsin(['tokens', 'list', '--limit', '1'])).stdout).toMatch(
    new RegExp(
      `^${id}\tlaptop\tAdministrator\t2099-01-31T00:00:00.000Z\t(never|\\S+Z)\ttickets:read, users:read\n$`,
    ),
  );
  expect(await json(['tokens', 'list', '--user', 'me'])).toMatchObject({ items: [{ id, name: 'laptop' }] });

  expect(await tocsin(['tokens', 'revoke', id!])).toEqual({
    code: 0,
    stdout: `The token ${id} is revoked\n`,
    stderr: '',
  });
  await expect.poll(() => refusal(token)).toBe('auth.required');
  const refused = await tocsin(['whoami'], { env: { TOCSIN_TOKEN: token } });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('does not take this token');
  expect((await tocsin(['tokens', 'revoke', id!])).stderr).toContain('code: token.not_found');
});

test('--json of a new token is the answer itself', async () => {
  const created = (await json(['tokens', 'create', '--name', 'program'])) as Created;
  expect(created).toEqual({
    id: expect.any(String),
    name: 'program',
    scopes: null,
    expiresAt: null,
    token: expect.stringMatching(/^toc_/),
  });
  expect(await createClient({ url, token: created.token }).sessions.me.query()).toMatchObject({
    scopes: null,
  });
});

test('a service account gets tokens from an administrator; a person makes their own', async () => {
  await client.users.create.mutate({ email: 'bot@example.com', name: 'Bot', role: 'agent', kind: 'service' });
  await client.users.create.mutate({ email: 'person@example.com', name: 'Person', role: 'agent' });
  const make = (user: string) => tocsin(['tokens', 'create', '--name', 'monitor', '--user', user]);
  const { stdout } = await make('bot@example.com');
  const env = { TOCSIN_TOKEN: stdout.trim() };
  expect((await tocsin(['whoami'], { env })).stdout).toContain('Bot (agent)');
  expect((await tocsin(['tokens', 'list', '--user', 'Bot'])).stdout).toContain('\tmonitor\tBot\t');
  const refused = await make('person@example.com');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('You may not set --user\ncode: permission.field_denied\n');
  expect(await tocsin(['tokens', 'list', '--user', 'person@example.com'])).toMatchObject({
    stdout: '',
    stderr: 'No token is like that.\n',
  });
});

test('what is wrong with a token to be is told by the option that set it', async () => {
  const past = await tocsin(['tokens', 'create', '--name', 'x', '--expires', '2020-01-01T00:00:00Z']);
  expect(past).toMatchObject({ code: 1, stdout: '' });
  expect(past.stderr).toContain('  --expires: Must lie in the future\n');
  const unreal = await tocsin(['tokens', 'create', '--name', 'x', '--expires', '2099-02-31']);
  expect(unreal.stderr).toContain('  --expires: Must be a time');
});

test('a token in place of its id is not repeated', async () => {
  const { code, stdout, stderr } = await tocsin(['tokens', 'revoke', 'toc_a-secret']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('tocsin tokens list');
  expect(stderr).not.toContain('a-secret');
});

test('the audit log tells when, who, what, whom, and what changed', async () => {
  const { id } = await client.users.create.mutate({
    email: 'watched@example.com',
    name: 'Watched',
    role: 'agent',
    password: PASSWORD,
  });
  await client.users.edit.mutate({ id, role: 'lead' });
  await client.users.edit.mutate({ id, active: false });
  await createClient({ url, token: '' })
    .sessions.start.mutate({ email: 'watched@example.com', password: PASSWORD })
    .catch(() => {});
  const { stdout } = await tocsin(['audit', 'list', '--subject', 'watched@example.com']);
  expect(stdout.split('\n').map((line) => line.split('\t').slice(1))).toEqual([
    ['unknown (127.0.0.1)', 'session.failed', 'Watched', ''],
    ['Administrator (127.0.0.1)', 'user.deactivated', 'Watched', 'active yes → no'],
    ['Administrator (127.0.0.1)', 'user.changed', 'Watched', 'role agent → lead'],
    [
      'Administrator (127.0.0.1)',
      'user.created',
      'Watched',
      'kind person, name Watched, role agent, email watched@example.com',
    ],
    [],
  ]);
  expect(await json(['audit', 'list', '--subject', id])).toEqual(
    await client.audit.list.query({ subjectId: id }),
  );
  const filters = ['--action', 'user.changed,user.deactivated', '--actor', 'me'];
  expect(await json(['audit', 'list', '--subject', id, ...filters])).toEqual(
    await client.audit.list.query({
      subjectId: id,
      action: ['user.changed', 'user.deactivated'],
      actorId: '00000000-0000-7000-8000-000000000001',
    }),
  );
});

test('the audit log is read between two moments', async () => {
  await client.teams.create.mutate({ name: 'Lately' });
  const between = (...words: string[]) => tocsin(['audit', 'list', ...words]);
  const span = ['--after', '2026-01-31', '--before', '2026-01-31T10:30:00+01:00'];
  // The desk of a test stands at 2026-01-31T09:30:00.000Z, which is just too late.
  expect(await between(...span)).toEqual({ code: 0, stdout: '', stderr: 'No act is like that.\n' });
  expect((await between('--after', '2026-01-31', '--before', '2026-02-01')).stdout).toContain('Lately');
  const unreal = await between('--after', '2026-02-31');
  expect(unreal).toMatchObject({ code: 1, stdout: '' });
  expect(unreal.stderr).toContain('--after: Must be a time');
});

test('permissions are told role by role, as the desk has them', async () => {
  expect(await json(['permissions'])).toEqual(await client.permissions.list.query());
  const lines = (await tocsin(['permissions'])).stdout.split('\n');
  expect(lines).toContain('requester\tread\tticket\trequester is you');
  expect(lines).toContain(
    'requester\tedit\tticket\ttitle, description (where requester is you and status is one of open, in_progress, on_hold)',
  );
  expect(lines).toContain(
    'agent\tread\tticket\tnot restricted; or requester is you; or assignee is you; or team is one of yours',
  );
  expect(lines).toContain('lead\tedit\tteam\tmembers (where it is one of yours)');
  expect(lines).toContain('admin\tnot edit\tuser\trole (where it is you)');
  expect(lines).toContain('auditor\tread\taudit entry\tall');
  expect(lines.join('\n')).not.toMatch(/[{}[\]]|undefined|\$/);
});
