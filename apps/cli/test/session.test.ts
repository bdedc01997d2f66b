import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@tocsin/client';
import { expect, test } from 'vitest';
import { runDesk, TOKEN } from './desk.ts';
import { temporaryFolder, tocsin } from './tocsin.ts';

const { url, client, tocsin: asAdministrator } = await runDesk();

test('what login keeps is found by every later command, until logout', async () => {
  const config = temporaryFolder();
  const env = { XDG_CONFIG_HOME: config };
  const file = join(config, 'tocsin/credentials.json');
  const login = await tocsin(['login', '--url', `${url}/`], { stdin: `${TOKEN}\n`, env });
  expect(login).toMatchObject({ code: 0, stderr: '' });
  expect(login.stdout).toContain('Administrator');
  expect(login.stdout).not.toContain(TOKEN);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, token: TOKEN });
  expect(statSync(file).mode & 0o777).toBe(0o600);

  expect((await tocsin(['whoami'], { env })).stdout).toBe(
    `Administrator (admin)\nat ${url} (kept by \`tocsin login\`)\n`,
  );
  expect((await tocsin(['logout'], { env })).code).toBe(0);
  expect((await tocsin(['whoami'], { env })).code).toBe(1);
});

test('a token that the desk does not take is not kept', async () => {
  const env = { XDG_CONFIG_HOME: temporaryFolder() };
  const login = await tocsin(['login', '--url', url], { stdin: 'not-the-token', env });
  expect(login).toMatchObject({ code: 1, stdout: '' });
  expect(login.stderr).toContain('code: auth.required');
  expect((await tocsin(['logout'], { env })).stdout).toContain('Nobody was logged in');
});

test.each(['\n', 'two words', 'café'])('%j is no token', async (stdin) => {
  const login = await tocsin(['login', '--url', url], { stdin });
  expect(login).toMatchObject({ code: 1, stdout: '' });
  expect(login.stderr).toMatch(/^error: (There is no token|This is not a token)/);
});

test('a damaged file says how to mend it, and logging in mends it', async () => {
  const config = temporaryFolder();
  const env = { XDG_CONFIG_HOME: config };
  mkdirSync(join(config, 'tocsin'));
  writeFileSync(join(config, 'tocsin/credentials.json'), '{', { mode: 0o600 });
  expect((await tocsin(['whoami'], { env })).stderr).toMatch(/damaged.*tocsin login/s);
  expect((await tocsin(['login', '--url', url], { stdin: TOKEN, env })).code).toBe(0);
  expect((await tocsin(['whoami'], { env })).code).toBe(0);
});

const PASSWORD = 'four words nobody guesses';
const NEXT = 'another four words nobody guesses';
let made = 0;

interface Person {
  readonly id: string;
  readonly email: string;
}

/** A person with a password, whom no other test logs in as. */
async function person(name = 'Alice Archer'): Promise<Person> {
  const email = `alice-${++made}@example.com`;
  const { id } = await client.users.create.mutate({ email, name, role: 'agent', password: PASSWORD });
  return { id, email };
}

const home = () => ({ XDG_CONFIG_HOME: temporaryFolder() });
type Home = ReturnType<typeof home>;

const fileOf = ({ XDG_CONFIG_HOME }: Home): string => join(XDG_CONFIG_HOME, 'tocsin/credentials.json');
const keptIn = (env: Home): { url: string; token: string } => JSON.parse(readFileSync(fileOf(env), 'utf8'));
const login = (email: string, password: string, env: Home) =>
  tocsin(['login', '--url', url, '--email', email], { stdin: `${password}\n`, env });
const meBy = (token: string) => createClient({ url, token }).sessions.me.query();

test('a password from standard input opens a session, and logout ends it at the desk', async () => {
  const env = home();
  const { email } = await person();
  const answer = await login(email, PASSWORD, env);
  expect(answer).toMatchObject({ code: 0, stderr: '' });
  expect(answer.stdout).toMatch(/as Alice Archer \(agent\), until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\./);
  const { token } = keptIn(env);
  expect(answer.stdout).not.toContain(token);
  expect(await meBy(token)).toMatchObject({ user: { email } });
  expect((await tocsin(['whoami'], { env })).stdout).toBe(
    `Alice Archer (agent)\nat ${url} (kept by \`tocsin login\`)\n`,
  );

  const { code, stdout, stderr } = await tocsin(['logout'], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`${fileOf(env)} is gone`);
  await expect.poll(() => meBy(token).catch((error) => error.data.problem.code)).toBe('auth.required');
});

test('--json of a login says who is logged in, and never the token', async () => {
  const env = home();
  const { email } = await person();
  const words = ['login', '--url', url, '--email', email, '--json'];
  const { stdout } = await tocsin(words, { stdin: PASSWORD, env });
  expect(JSON.parse(stdout)).toEqual(await meBy(keptIn(env).token));
  expect(stdout).not.toContain(keptIn(env).token);
});

test('a password may begin and end with spaces', async () => {
  const email = 'spacious@example.com';
  const password = '  four words and spaces  ';
  await client.users.create.mutate({ email, name: 'Spacious', role: 'agent', password });
  expect((await login(email, password, home())).code).toBe(0);
  expect((await login(email, password.trim(), home())).code).toBe(1);
});

test('a wrong password is refused without advice on tokens, and nothing is kept', async () => {
  const env = home();
  const { email } = await person();
  expect(await login(email, 'not the password', env)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: The email or the password is wrong\ncode: session.refused\n',
  });
  expect((await tocsin(['logout'], { env })).stdout).toContain('Nobody was logged in');
});

test('after too many tries the desk says when to try again', async () => {
  const email = 'tried@example.com';
  const tries = await Promise.all(Array.from({ length: 11 }, () => login(email, 'a guess', home())));
  const limited = tries.filter(({ stderr }) => stderr.includes('session.too_many_attempts'));
  expect(limited).toHaveLength(1);
  expect(limited[0]!.stderr).toContain('Try again in 15 minutes.');
});

test.each([
  ['login', '--url', url, '--email', 'a@example.com', 'a-secret'],
  ['login', 'a-secret', '--url', url],
  ['password', 'change', 'a-secret'],
  ['password', 'redeem', 'a-secret', '--url', url],
  ['password', 'redeem', '--token', 'a-secret', '--url', url],
  ['users', 'create', '--email', 'a@example.com', '--name', 'A', '--role', 'agent', '--password', 'a-secret'],
])('a secret among the words is refused, and not repeated: %j', async (...words) => {
  const { code, stdout, stderr } = await asAdministrator(words.flat(), { stdin: 'something' });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/takes no/);
  expect(stderr).not.toContain('a-secret');
});

test.each(['', '\n', `one\ntwo`])('%j on standard input is no password', async (stdin) => {
  const answer = await tocsin(['login', '--url', url, '--email', 'a@example.com'], { stdin });
  expect(answer).toMatchObject({ code: 1, stdout: '' });
  expect(answer.stderr).toContain('Standard input must hold the password, in one line.');
});

test('an API token is only forgotten, and that it stays valid is said', async () => {
  const env = home();
  const { token } = await client.tokens.create.mutate({ name: 'laptop' });
  await tocsin(['login', '--url', url], { stdin: token, env });
  const { code, stderr } = await tocsin(['logout'], { env });
  expect(code).toBe(0);
  expect(stderr).toMatch(/token itself stays valid.*tocsin tokens revoke/);
  expect(await meBy(token)).toMatchObject({ role: 'admin' });
});

test('logging out works without the desk, and with a token that has ended', async () => {
  const env = home();
  mkdirSync(join(env.XDG_CONFIG_HOME, 'tocsin'));
  for (const [at, said] of [
    ['http://127.0.0.1:9', 'does not answer'],
    [url, 'no longer took the token'],
  ] as const) {
    writeFileSync(fileOf(env), JSON.stringify({ url: at, token: 'toc_ended' }), { mode: 0o600 });
    const { code, stdout, stderr } = await tocsin(['logout'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('is gone');
    expect(stderr).toContain(said);
    expect((await tocsin(['logout'], { env })).stdout).toBe('Nobody was logged in.\n');
  }
});

test('whoami tells teams, and what a token is narrowed to', async () => {
  const { id } = await person('Dana');
  const team = await client.teams.create.mutate({ name: 'Network' });
  await client.teams.addMember.mutate({ id: team.id, userId: id });
  const env = home();
  const { email } = await client.users.get.query({ id });
  await login(email!, PASSWORD, env);
  const mine = createClient(keptIn(env));
  const { token } = await mine.tokens.create.mutate({ name: 'reports', scopes: ['tickets:read'] });
  expect((await asAdministrator(['whoami'], { env: { TOCSIN_TOKEN: token } })).stdout).toBe(
    `Dana (agent)\nin Network\nby a token that is narrowed to tickets:read\nat ${url} (as --url or TOCSIN_URL says)\n`,
  );
  const refused = await asAdministrator(['users', 'list'], { env: { TOCSIN_TOKEN: token } });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/lacks the scope users:read\n.*token\.scope_missing.*narrowed by scopes/s);
});

test('a changed password is the one that counts from now on', async () => {
  const env = home();
  const { email } = await person();
  await login(email, PASSWORD, env);
  const change = (...lines: string[]) => tocsin(['password', 'change'], { stdin: lines.join('\n'), env });
  const wrong = await change('not the password', NEXT);
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toContain('current password: This is not your password');
  expect((await change(PASSWORD)).stderr).toContain(
    'the current password and the new password, each in a line',
  );
  expect((await change(PASSWORD, 'short')).stderr).toContain('new password: Must have 12');
  expect((await change(PASSWORD, NEXT)).stdout).toContain('is changed');
  expect((await tocsin(['whoami'], { env })).code).toBe(0);
  expect((await login(email, PASSWORD, home())).code).toBe(1);
  expect((await login(email, NEXT, home())).code).toBe(0);
});

test('--revoke-tokens ends API tokens together with the old password', async () => {
  const env = home();
  const { email } = await person();
  await login(email, PASSWORD, env);
  const { token } = await createClient(keptIn(env)).tokens.create.mutate({ name: 'laptop' });
  const stdin = `${PASSWORD}\n${NEXT}`;
  const { stdout } = await tocsin(['password', 'change', '--revoke-tokens'], { stdin, env });
  expect(stdout).toBe('Your password is changed, and all your other sessions and API tokens have ended.\n');
  await expect(meBy(token)).rejects.toThrow();
  expect((await tocsin(['whoami'], { env })).code).toBe(0);
});

test('a reset sets a new password once, without any login', async () => {
  const { id, email } = await person();
  const { stdout, stderr } = await asAdministrator(['users', 'reset-password', email]);
  expect(stdout).toMatch(/^toc_\S{43}\n$/);
  expect(stderr).toContain(`tocsin password redeem --url ${url}`);
  const redeem = () =>
    tocsin(['password', 'redeem', '--url', url, '--json'], { stdin: `${stdout}${NEXT}\n` });
  expect(await redeem()).toEqual({ code: 0, stdout: 'null\n', stderr: '' });
  expect((await login(email, NEXT, home())).code).toBe(0);
  expect((await redeem()).stderr).toContain('"code": "password_reset.invalid"');
  expect(await client.users.get.query({ id })).toMatchObject({ email });
});

test('a token that may only write edits and moves a ticket, and is told no more than it wrote', async () => {
  const { id, key } = await client.tickets.create.mutate({ title: 'Kept from it' });
  const { token } = await client.tokens.create.mutate({ name: 'writer', scopes: ['tickets:write'] });
  const run = (...args: string[]) =>
    tocsin(['tickets', ...args], { env: { TOCSIN_URL: url, TOCSIN_TOKEN: token } });
  const edited = await run('edit', String(id), '--priority', 'high');
  expect(edited).toMatchObject({ code: 0, stdout: `${key} is now at version 2\n`, stderr: '' });
  const moved = await run('move', String(id), 'resolved', '--resolution', 'fixed');
  expect(moved).toMatchObject({ code: 0, stdout: `${key} is resolved (fixed)\n`, stderr: '' });
  const opened = await run('create', '--title', 'Mine');
  expect(opened.stdout).toMatch(/^Opened INC-\d+: Mine\n$/);
});
