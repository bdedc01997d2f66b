import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder, tocsin } from './tocsin.ts';

const scriptOf = async (shell: string): Promise<string> => (await tocsin(['completion', shell])).stdout;

const scripts = {
  bash: await scriptOf('bash'),
  zsh: await scriptOf('zsh'),
  fish: await scriptOf('fish'),
};

/** What bash offers for the last of these words; bash itself divides words at `=` and `:`. */
function offered(...words: string[]): string[] {
  const ask = [
    scripts.bash,
    // The words come as arguments.
    'COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))',
    `$(complete -p tocsin | sed 's/.*-F \\([^ ]*\\).*/\\1/') tocsin`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash's
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const answer = execFileSync('bash', ['--norc', '-c', ask, 'bash', 'tocsin', ...words], {
    encoding: 'utf8',
  });
  return answer.split('\n').filter(Boolean);
}

test('bash knows the function by which tocsin is completed', () => {
  const answer = execFileSync('bash', ['--norc', '-c', `${scripts.bash}\ncomplete -p tocsin`], {
    encoding: 'utf8',
  });
  expect(answer).toBe('complete -F _tocsin tocsin\n');
});

test.each<[string[], string[]]>([
  [['tick'], ['tickets']],
  [
    ['tickets', 'l'],
    ['list', 'lifecycle'],
  ],
  [['--json', 'tickets', 'mo'], ['move']],
  [['--url', 'http', ':', '//desk', 'tickets', 'sh'], ['show']],
  [['tickets', 'create', '--pri'], ['--priority']],
  [
    ['tickets', 'create', '--priority', ''],
    ['low', 'medium', 'high', 'urgent'],
  ],
  [['tickets', 'create', '--priority', '=', 'u'], ['urgent']],
  [
    ['tickets', 'create', '--priority', '='],
    ['low', 'medium', 'high', 'urgent'],
  ],
  [['tickets', 'create', '--title', ''], []],
  [
    ['tickets', 'edit', 'INC-1', '--no-r'],
    ['--no-restricted', '--no-requester'],
  ],
  [
    ['tickets', 'move', 'INC-1', 'c'],
    ['closed', 'cancelled'],
  ],
  [['tickets', 'move', 'INC-1', 'on_hold', '--hold-reason', 'v'], ['vendor']],
  [['tickets', 'move', '--resolution', 'fixed', 'INC-1', 'res'], ['resolved']],
  [['tickets', 'list', '--status', 'open,in'], ['open,in_progress']],
  [['tickets', 'show', ''], []],
  [
    ['import', ''],
    ['servicenow', 'help'],
  ],
  [
    ['users', 'create', '--role', 'a'],
    ['agent', 'admin', 'auditor'],
  ],
  [
    ['users', 'list', '--kind', ''],
    ['person', 'service'],
  ],
  [['users', 'de'], ['deactivate']],
  [['teams', 'rem'], ['remove']],
  [['tokens', 'create', '--scope', 'u'], ['users:read']],
  [
    ['audit', 'list', '--action', 'user.'],
    ['user.created', 'user.changed', 'user.deactivated', 'user.reactivated', 'user.unlocked'],
  ],
  [['audit', 'list', '--action', 'token.created,session.f'], ['token.created,session.failed']],
  [['tickets', 'edit', 'INC-1', '--no-a'], ['--no-assignee']],
  [['password', 'r'], ['redeem']],
  [['db', 's'], ['status']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
])('bash: after %j comes %j', (words, expected) => {
  expect(offered(...words)).toEqual(expected);
});

test('bash: files are offered where a file is wanted, with spaces in their names', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'event log.csv'), '');
  expect(offered('import', 'servicenow', `${folder}/ev`)).toEqual([join(folder, 'event log.csv')]);
});

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

test.for(['bash', 'zsh', 'fish'] as const)('the script for %s is one that it can read', (shell, { skip }) => {
  skip(!has(shell));
  const file = join(temporaryFolder(), 'script');
  writeFileSync(file, scripts[shell]);
  const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.skipIf(!has('fish'))('fish offers the same, with what each word means', () => {
  const ask = (line: string): string[] =>
    execFileSync('fish', ['--no-config', '-c', `${scripts.fish}\ncomplete -C '${line}'`], {
      encoding: 'utf8',
    })
      .split('\n')
      .filter(Boolean);
  expect(ask('tocsin tickets mo')).toEqual(['move\tmove a ticket to another status']);
  expect(ask('tocsin tickets move INC-1 c')).toEqual(['cancelled', 'closed']);
  expect(ask('tocsin tickets create --priority ')).toEqual(['high', 'low', 'medium', 'urgent']);
});
