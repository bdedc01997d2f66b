import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { readEnvironment } from '../src/environment.ts';
import { buildProgram } from '../src/program.ts';
import { run } from '../src/run.ts';
import { Shell } from '../src/shell.ts';
import { commandLine, nowhere, tocsin } from './tocsin.ts';

const stack = /^ +at |node:internal/m;

/** Every command there is, as it is typed. */
function commands(command: Command, path: string[] = []): string[][] {
  return [path, ...command.commands.flatMap((sub) => commands(sub, [...path, sub.name()]))];
}

const all = commands(buildProgram(new Shell(readEnvironment())));

/** What is typed wrongly is found out before any desk is asked, so these need no process of their own. */
beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, 'write').mockReturnValue(true);
    onTestFinished(() => spy.mockRestore());
  }
});

test.each([
  [['nonsense']],
  [['ticket']],
  [['tickets']],
  [[]],
  [['tickets', 'shwo', '1']],
  [['tickets', 'show']],
  [['tickets', 'show', 'not-a-ticket']],
  [['tickets', 'show', '1', '2']],
  [['tickets', 'list', '--limit', '0']],
  [['tickets', 'list', '--limit', '1.5']],
  [['tickets', 'list', '--status', 'open,nowhere']],
  [['tickets', 'list', '--nonsense']],
  [['tickets', 'move', '1', 'nowhere']],
  [['tickets', 'move', '1', 'resolved', '--note', 'without a code']],
  [['tickets', 'create', '--title', 'x', '--priority', 'highest']],
  [['import', 'nowhere', 'file']],
  [['completion', 'powershell']],
  [['db', 'backup']],
  [['db', 'restore', 'desk.zip', '--replace']],
  [['login']],
  [['login', '--url', 'http://a.example', '--token', 'secret']],
  [['whoami', '--url', 'nonsense', '--token', 'x']],
  [['password', 'redeem']],
  [['users']],
  [['users', 'create', '--email', 'a@example.com', '--name', 'A']],
  [['users', 'create', '--email', 'a@example.com', '--name', 'A', '--role', 'king']],
  [['users', 'list', '--active', '--inactive']],
  [['users', 'edit', 'a@example.com']],
  [['teams', 'create']],
  [['teams', 'add', 'Network']],
  [['services', 'create', '--name', 'VPN']],
  [['services', 'edit', 'VPN']],
  [['tokens', 'create']],
  [['tokens', 'create', '--name', 'x', '--scope', 'everything']],
  [['tokens', 'create', '--name', 'x', '--expires', 'soon']],
  [['tokens', 'revoke', 'nonsense']],
  [['audit', 'list', '--action', 'user.eaten']],
  [['audit', 'list', '--after', 'someday']],
])('%j is wrong usage: exit 2, and said why', async (words) => {
  expect(await run(words)).toBe(2);
  const said = vi
    .mocked(process.stderr.write)
    .mock.calls.map(([text]) => text)
    .join('');
  expect(said).toMatch(/error: |Usage: /);
  expect(said).not.toMatch(stack);
  expect(process.stdout.write).not.toHaveBeenCalled();
});

test('wrong usage is the exit code of the process, too, and leaves standard output alone', async () => {
  const { code, stdout, stderr } = await tocsin(['tickets', 'move', '1', 'nowhere']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Allowed choices are open, in_progress');
});

test('a command that does not exist suggests the one that was meant', async () => {
  expect((await tocsin(['tickets', 'crate'])).stderr).toContain('Did you mean create?');
});

test('every command explains itself with an example, and shows the options that hold everywhere', () => {
  const program = buildProgram(new Shell(readEnvironment()));
  for (const path of all) {
    let command = program;
    for (const word of path) command = command.commands.find((sub) => sub.name() === word) ?? command;
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help, path.join(' ')).toMatch(/Examples:\n {2}(tocsin|source)/);
    expect(help, path.join(' ')).toContain('--json');
    expect(command.description(), path.join(' ')).not.toBe('');
  }
});

test('help and the version are answers: exit 0, on standard output', async () => {
  for (const words of [['--help'], ['tickets', 'move', '--help'], ['help', 'tickets'], ['--version']]) {
    const { code, stdout, stderr } = await tocsin(words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toBe('');
  }
});

test('without any desk the way to one is told', async () => {
  const { code, stderr } = await tocsin(['tickets', 'list']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/pnpm@12 start.*tocsin login.*--url/s);
});

test('wrong settings of the checkout are told by name', async () => {
  const { code, stderr } = await tocsin(['tickets', 'list'], { env: { PORT: 'eighty' } });
  expect(code).toBe(1);
  expect(stderr).toContain('PORT must be a port');
  expect(stderr).not.toMatch(stack);
});

const given = (url: string) => ['--url', url, '--token', 'a-token'];

test('a desk that does not answer is named, with what to do', async () => {
  const { code, stderr } = await tocsin(['tickets', 'list', ...given('http://127.0.0.1:9')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/The desk at http:\/\/127\.0\.0\.1:9 does not answer.*pnpm@12 start.*tocsin login/s);
  expect(stderr).not.toMatch(stack);
});

test('something else that answers is not taken for a desk', async () => {
  const server = createServer((_request, response) => response.end('<h1>It works!</h1>'));
  onTestFinished(() => void server.close());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { code, stderr } = await tocsin([
    'whoami',
    ...given(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  ]);
  expect(code).toBe(1);
  expect(stderr).toContain('not as a desk of Tocsin does');
});

test('a reader that has had enough is no failure and hears nothing', async () => {
  const line = `${commandLine(['completion', 'fish'])} | head -c 1 > /dev/null; echo "\${PIPESTATUS[0]}"`;
  const child = spawn('bash', ['-c', line], { env: nowhere() });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  await new Promise((ended) => child.once('close', ended));
  expect(said).toBe('0\n');
});
