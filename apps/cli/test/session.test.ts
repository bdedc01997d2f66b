import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDesk, TOKEN } from './desk.ts';
import { temporaryFolder, tocsin } from './tocsin.ts';

const { url } = await runDesk();

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
  writeFileSync(join(config, 'tocsin/credentials.json'), '{');
  expect((await tocsin(['whoami'], { env })).stderr).toMatch(/damaged.*tocsin login/s);
  expect((await tocsin(['login', '--url', url], { stdin: TOKEN, env })).code).toBe(0);
  expect((await tocsin(['whoami'], { env })).code).toBe(0);
});
