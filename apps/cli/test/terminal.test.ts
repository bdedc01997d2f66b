import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

  /** An editor that is a shell script. */
  function editorOf(script: string): string {
    const path = join(temporaryFolder(), 'editor');
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  }

  test('title and description are edited in $EDITOR, and only what differs is sent', async () => {
    const { id, key } = await client.tickets.create.mutate({ title: 'Old title', description: 'one\n\ntwo' });
    const EDITOR = `${editorOf(`sed -i 's/Old/New/' "$2"; printf 'three\n' >> "$2"`)} --wait`;
    const terminal = atTerminal(['tickets', 'edit', key, '--editor', '--priority', 'low'], {
      env: { ...env, EDITOR, VISUAL: '', NO_COLOR: '1' },
    });
    expect(await terminal.ended, terminal.screen()).toBe(0);
    expect(terminal.screen()).toContain('title Old title → New title');
    expect(await client.tickets.get.query({ id })).toMatchObject({
      title: 'New title',
      description: 'one\n\ntwo\nthree',
      priority: 'low',
      version: 2,
    });
  });

  test('what others changed meanwhile is not overwritten but shown, and the text is kept', async () => {
    const { id, key } = await open('Contended');
    const path = join(temporaryFolder(), 'go');
    const EDITOR = editorOf(
      `echo opened; until [ -e '${path}' ]; do sleep 0.05; done; printf 'Mine\n\nmy text\n' > "$1"`,
    );
    const terminal = atTerminal(['tickets', 'edit', key, '--editor'], {
      env: { ...env, EDITOR, VISUAL: '', NO_COLOR: '1' },
    });
    await terminal.sees('opened');
    await client.tickets.edit.mutate({ id, title: 'Theirs' });
    writeFileSync(path, '');
    expect(await terminal.ended).toBe(1);
    const screen = terminal.screen();
    expect(screen).toMatch(/was changed while you edited it:\s+.*Administrator: title Contended → Theirs/);
    expect(screen).toContain('code: ticket.version_mismatch');
    const kept = /Your text is kept in (\S+)/.exec(screen)?.[1] ?? '';
    expect(readFileSync(kept, 'utf8')).toBe('Mine\n\nmy text\n');
    rmSync(dirname(kept), { recursive: true });
    expect(await client.tickets.get.query({ id })).toMatchObject({ title: 'Theirs', version: 2 });
  });

  test('a text that was not touched changes nothing; one without a title and a failing editor are told', async () => {
    const { id, key } = await client.tickets.create.mutate({ title: 'Same', description: 'as it was  \n' });
    const edit = async (script: string) => {
      const terminal = atTerminal(['tickets', 'edit', key, '--editor'], {
        env: { ...env, EDITOR: editorOf(script), VISUAL: '', NO_COLOR: '1' },
      });
      return { code: await terminal.ended, screen: terminal.screen() };
    };
    const forget = (screen: string) =>
      rmSync(dirname(/kept in (\S+)/.exec(screen)?.[1] ?? '/nowhere/x'), { recursive: true });
    expect(await edit('true')).toMatchObject({ code: 0, screen: expect.stringContaining('Nothing changed') });
    const untitled = await edit(`printf '\n\n' > "$1"`);
    expect(untitled).toMatchObject({
      code: 1,
      screen: expect.stringContaining('The first line is the title'),
    });
    forget(untitled.screen);
    const failing = await edit('exit 3');
    expect(failing).toMatchObject({ code: 1, screen: expect.stringContaining('failed') });
    forget(failing.screen);
    expect(await client.tickets.get.query({ id })).toMatchObject({ version: 1 });
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
