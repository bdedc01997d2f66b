import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runDesk, TOKEN } from './desk.ts';
import { atTerminal, canMakeTerminal } from './terminal.ts';
import { temporaryFolder } from './tocsin.ts';

const ESC = '\u001b';
const ENTER = '\r';
const CTRL_C = '\u0003';
const DOWN = `${ESC}[B`;

describe.skipIf(!canMakeTerminal)('at a terminal', async () => {
  const { url, environment: env, client } = await runDesk();
  const open = (title: string) => client.tickets.create.mutate({ title });

  test('a list has a head and colours, and titles give way to the width', async () => {
    await open(`A title that is much too long ${'for any terminal '.repeat(8)}`);
    const terminal = atTerminal(['tickets', 'list'], { columns: 72, env });
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toContain(`${ESC}[`);
    const lines = stripVTControlCharacters(terminal.screen()).split(/\r?\n/);
    expect(lines[0]).toMatch(/^Key +Status +Priority +Opened \(UTC\) +Assignee +Title$/);
    expect(lines[1]).toMatch(/…$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72);
  });

  test('NO_COLOR is honoured', async () => {
    await open('Colourless');
    const terminal = atTerminal(['tickets', 'list'], { env: { ...env, NO_COLOR: '1' } });
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toContain('Colourless');
    expect(terminal.screen()).not.toContain(ESC);
  });

  test("a title's own colours and commands are shown, not obeyed", async () => {
    const { id } = await open(`${ESC}[31mred${ESC}]0;owned\u0007`);
    const terminal = atTerminal(['tickets', 'show', String(id)], { env: { ...env, NO_COLOR: '1' } });
    await terminal.ended;
    expect(terminal.screen()).toContain('␛[31mred␛]0;owned␇');
    expect(terminal.screen()).not.toContain(ESC);
  });

  test('a title that was not given is asked for', async () => {
    const terminal = atTerminal(['tickets', 'create', '--priority', 'high'], { env });
    await terminal.sees('What is wrong');
    terminal.type(`Asked for${ENTER}`);
    expect(await terminal.ended).toBe(0);
    expect(stripVTControlCharacters(terminal.screen())).toMatch(
      /Opened INC-\d+: Asked for \(priority high\)/,
    );
  });

  test('Ctrl-C at a question ends quietly with 130, and nothing is done', async () => {
    const before = await client.tickets.list.query();
    const terminal = atTerminal(['tickets', 'create'], { env });
    await terminal.sees('What is wrong');
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(terminal.screen()).not.toContain('error');
    expect(await client.tickets.list.query()).toEqual(before);
  });

  test('a hold reason that was not given is chosen from those there are', async () => {
    const { key } = await open('To hold');
    const terminal = atTerminal(['tickets', 'move', key, 'on-hold'], { env });
    await terminal.sees('evidence');
    terminal.type(DOWN);
    await terminal.sees(/●.{0,9} vendor/);
    terminal.type(ENTER);
    expect(await terminal.ended).toBe(0);
    expect(await client.tickets.get.query({ id: key })).toMatchObject({ holdReason: 'vendor' });
  });

  test('a resolution that was not given is chosen, its note may stay empty', async () => {
    const { key } = await open('To close');
    const terminal = atTerminal(['tickets', 'move', key, 'closed'], { env });
    await terminal.sees('workaround');
    terminal.type(ENTER);
    await terminal.sees('What was done?');
    terminal.type(ENTER);
    expect(await terminal.ended).toBe(0);
    expect(await client.tickets.get.query({ id: key })).toMatchObject({ resolution: { code: 'fixed' } });
  });

  test('login asks for address and token, and the token is never seen', async () => {
    const config = temporaryFolder();
    const terminal = atTerminal(['login'], { env: { XDG_CONFIG_HOME: config, TOCSIN_URL: url } });
    await terminal.sees('leave it empty');
    terminal.type(ENTER);
    await terminal.sees('Token for');
    terminal.type(`${TOKEN}${ENTER}`);
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).not.toContain(TOKEN);
    const file = join(config, 'tocsin/credentials.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, token: TOKEN });
  });

  const PASSWORD = 'four words nobody guesses';
  const NEXT = 'another four words nobody guesses';

  test('login asks for address, email and password; a new password is asked for twice; none is ever seen', async () => {
    const email = 'typist@example.com';
    const created = atTerminal(
      ['users', 'create', '--email', email, '--name', 'Typist', '--role', 'agent', '--password'],
      { env },
    );
    await created.sees('Password');
    created.type(`${PASSWORD}${ENTER}`);
    await created.sees('once more');
    created.type(`${PASSWORD}${ENTER}`);
    expect(await created.ended).toBe(0);

    const own = { XDG_CONFIG_HOME: temporaryFolder() };
    const login = atTerminal(['login'], { env: own });
    await login.sees('Address of the desk');
    login.type(`${'\u007f'.repeat(40)}${url}${ENTER}`);
    await login.sees('Email');
    login.type(`${email}${ENTER}`);
    await login.sees('Password');
    login.type(`${PASSWORD}${ENTER}`);
    expect(await login.ended).toBe(0);
    expect(stripVTControlCharacters(login.screen())).toMatch(/as Typist \(agent\), until \d{4}-/);

    const change = async (again: string) => {
      const terminal = atTerminal(['password', 'change'], { env: own });
      await terminal.sees('Current password');
      terminal.type(`${PASSWORD}${ENTER}`);
      await terminal.sees('New password');
      terminal.type(`${NEXT}${ENTER}`);
      await terminal.sees('once more');
      terminal.type(`${again}${ENTER}`);
      return { code: await terminal.ended, screen: terminal.screen() };
    };
    const slip = await change(`${NEXT}!`);
    expect(slip).toMatchObject({ code: 1, screen: expect.stringContaining('not the same') });
    const changed = await change(NEXT);
    expect(changed.code).toBe(0);
    for (const screen of [created.screen(), login.screen(), slip.screen, changed.screen]) {
      expect(screen).not.toContain('nobody guesses');
    }
  });

  test('columns that can be spared give way before the others do', async () => {
    const seen = async (columns: number) => {
      const terminal = atTerminal(['users', 'list'], { columns, env });
      expect(await terminal.ended).toBe(0);
      const lines = stripVTControlCharacters(terminal.screen()).split(/\r?\n/);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      return lines[0];
    };
    expect(await seen(80)).toMatch(/^Name +Email +Role +Kind +Active$/);
    expect(await seen(140)).toMatch(/^Name +Email +Role +Kind +Active +Id$/);
  });

  test('permissions have a section for each role, and stay within the width', async () => {
    const terminal = atTerminal(['permissions'], { columns: 90, env });
    expect(await terminal.ended).toBe(0);
    const lines = stripVTControlCharacters(terminal.screen()).split(/\r?\n/);
    expect(lines.filter((line) => /^(requester|agent|lead|admin|auditor)$/.test(line))).toHaveLength(5);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(90);
  });

  test('an import shows how far it is', async () => {
    const file = join(import.meta.dirname, 'fixtures/servicenow-excerpt.csv');
    const terminal = atTerminal(['import', 'servicenow', file], { env });
    expect(await terminal.ended).toBe(0);
    const screen = stripVTControlCharacters(terminal.screen());
    expect(screen).toMatch(/█.*100% {2}194 rows/);
    expect(screen).toMatch(/Rows read +194\r\nTickets created +33\r\n/);
  });
});
