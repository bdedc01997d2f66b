import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase } from '@tocsin/domain/testing';
import type { Command } from 'commander';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readEnvironment } from '../src/environment.ts';
import { buildProgram } from '../src/program.ts';
import { run } from '../src/run.ts';
import { Shell } from '../src/shell.ts';
import { runDesk, TOKEN } from './desk.ts';
import { type Ran, temporaryFolder, tocsin } from './tocsin.ts';

/** Turns the direction of what follows, and back; names may have it. */
const BIDI = '\u202egnp.\u202c\u2066x\u2069\u200f\u200e\u061c';
/** What commands a terminal: colours, its title, C1's CSI, a bell, a backspace; texts of several lines may have it. */
const CONTROL = '\u001b[31m\u001b]0;owned\u0007\u009b2J\b\u0085\u007f\r';
const HOSTILE = `${BIDI}${CONTROL}`;
const OBEYED = /[^\P{Cc}\n\t]|\p{Bidi_Control}/u;

const leaves = (command: Command, path: string[] = []): [path: string, command: Command][] =>
  command.commands.length > 0
    ? command.commands.flatMap((sub) => leaves(sub, [...path, sub.name()]))
    : [[path.join(' '), command]];

const commands = leaves(buildProgram(new Shell(readEnvironment())));

const desk = await runDesk();
const { client, url } = desk;

/** A desk in which every text that others may write is hostile, and what names its parts. */
async function hostileDesk() {
  const team = await client.teams.create.mutate({ name: `Team ${BIDI}` });
  const other = await client.teams.create.mutate({ name: `Other ${BIDI}` });
  const email = 'hostile@example.com';
  const user = await client.users.create.mutate({ email, name: `Ann ${BIDI}`, role: 'agent' });
  const service = await client.services.create.mutate({ name: `VPN ${BIDI}`, teamId: team.id });
  await client.teams.addMember.mutate({ id: team.id, userId: user.id });
  const ticket = await client.tickets.create.mutate({
    title: `Title ${HOSTILE}`,
    description: `Text ${HOSTILE}`,
    tags: [`tag${BIDI}`],
    assigneeId: user.id,
    serviceId: service.id,
  });
  const view = await client.views.create.mutate({ name: `View ${BIDI}`, query: `"${HOSTILE}"` });
  const gone = await client.views.create.mutate({ name: `Gone ${BIDI}`, query: '' });
  const token = await client.tokens.create.mutate({ name: `Token ${BIDI}` });
  return { team, other, user, email, service, key: ticket.key, view, gone, token };
}

type Made = Awaited<ReturnType<typeof hostileDesk>>;

interface Typed {
  readonly words?: readonly string[];
  readonly stdin?: string;
}

/** How each command is typed so that it shows what others wrote. A new command needs a line here. */
const typed: Record<string, (made: Made) => Typed> = {
  login: () => ({ stdin: TOKEN, words: ['--url', url] }),
  logout: () => ({}),
  whoami: () => ({}),
  'password change': () => ({ stdin: `${HOSTILE}\n${HOSTILE}\n` }),
  'password redeem': () => ({ stdin: `${HOSTILE}\n${HOSTILE}\n` }),
  'tickets create': ({ team }) => ({ words: ['--title', `New ${HOSTILE}`, '--team', team.name] }),
  'tickets list': () => ({ words: ['--columns', 'key,title,assignee,team,service,tags'] }),
  'tickets count': () => ({ words: [`"${HOSTILE}"`] }),
  'tickets facets': () => ({ words: ['--by', 'tag,team,assignee,service'] }),
  'tickets show': ({ key }) => ({ words: [key] }),
  'tickets edit': ({ key }) => ({ words: [key, '--title', `Other ${HOSTILE}`, '--add-tag', `more${BIDI}`] }),
  'tickets move': ({ key }) => ({ words: [key, 'resolved', '--resolution', 'fixed', '--note', HOSTILE] }),
  'tickets history': ({ key }) => ({ words: [key] }),
  'tickets lifecycle': () => ({}),
  'views create': () => ({ words: ['--name', `New ${BIDI}`, '--query', `"${HOSTILE}"`] }),
  'views list': () => ({}),
  'views show': ({ view }) => ({ words: [view.name] }),
  'views edit': ({ view }) => ({ words: [view.id, '--name', `Renamed ${BIDI}`] }),
  'views delete': ({ gone }) => ({ words: [gone.name] }),
  stats: () => ({ words: ['--by', 'team'] }),
  'users create': () => ({ words: ['--email', 'b@example.com', '--name', `Bo ${BIDI}`, '--role', 'agent'] }),
  'users list': () => ({}),
  'users show': ({ email }) => ({ words: [email] }),
  'users edit': ({ email }) => ({ words: [email, '--name', `Anne ${BIDI}`] }),
  'users deactivate': ({ email }) => ({ words: [email] }),
  'users activate': ({ user }) => ({ words: [user.id] }),
  'users reset-password': ({ email }) => ({ words: [email] }),
  'users unlock': ({ email }) => ({ words: [email] }),
  'teams create': () => ({ words: ['--name', `Third ${BIDI}`] }),
  'teams list': () => ({}),
  'teams show': ({ team }) => ({ words: [team.name] }),
  'teams rename': ({ other }) => ({ words: [other.name, `Renamed ${BIDI}`] }),
  'teams members': ({ team }) => ({ words: [team.name] }),
  'teams add': ({ team, email }) => ({ words: [team.name, email] }),
  'teams remove': ({ team, email }) => ({ words: [team.name, email] }),
  'services create': ({ team }) => ({ words: ['--name', `Mail ${BIDI}`, '--team', team.name] }),
  'services list': () => ({}),
  'services show': ({ service }) => ({ words: [service.name] }),
  'services edit': ({ service }) => ({ words: [service.id, '--name', `Renamed ${BIDI}`] }),
  'tokens create': () => ({ words: ['--name', `New ${BIDI}`] }),
  'tokens list': () => ({}),
  'tokens revoke': ({ token }) => ({ words: [token.id] }),
  'audit list': () => ({}),
  permissions: () => ({}),
  'import servicenow': () => ({ words: [hostileLog(), '--source-name', 'hostile'] }),
  'db migrate': () => ({}),
  'db status': () => ({}),
  'db grant': () => ({ words: [`role ${HOSTILE}`] }),
  'db backup': () => ({ words: [join(temporaryFolder(), `desk ${BIDI}.zip`)] }),
  'db restore': () => ({ words: [join(temporaryFolder(), `desk ${HOSTILE}.zip`), '--replace', '--yes'] }),
  completion: () => ({ words: ['bash'] }),
};

/** A log of which one row can be taken over, and every name is hostile. */
function hostileLog(): string {
  const file = join(temporaryFolder(), `log ${BIDI}.csv`);
  const rows = [
    `number,incident_state,sys_updated_at,opened_at,caller_id,assignment_group,odd ${BIDI}`,
    `INC0000045,New,29/2/2016 01:23,29/2/2016 01:16,"Caller ${HOSTILE}","Group ${HOSTILE}",x`,
    `INC0000046,"State ${HOSTILE}",29/2/2016 01:23,29/2/2016 01:16,"Caller ${HOSTILE}",y,x`,
  ];
  writeFileSync(file, `${rows.join('\n')}\n`);
  return file;
}

const expectHarmless = (name: string, { stdout, stderr }: Ran): void => {
  for (const said of [stdout, stderr]) {
    const at = said.search(OBEYED);
    expect([name, at < 0 ? '' : said.slice(Math.max(0, at - 40), at + 20)]).toEqual([name, '']);
  }
};

/** What the command says, carried out in this process, which takes a tenth of the time; it must not read standard input. */
async function runHere(words: readonly string[]): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  const code = await run(words).finally(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return { code, ...said };
}

/** The environment of every command here: the desk, and for the `db` commands a database of its own. */
async function surroundings(): Promise<Record<string, string>> {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const env = {
    ...desk.environment,
    DATABASE_URL: database.url,
    XDG_CONFIG_HOME: temporaryFolder(),
    TOCSIN_DATA_DIR: temporaryFolder(),
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return env;
}

test('every command is typed here', () => {
  expect(Object.keys(typed).toSorted()).toEqual(commands.map(([name]) => name).toSorted());
});

test('no command shows what others wrote in a way that a terminal obeys', { timeout: 120_000 }, async () => {
  const env = await surroundings();
  const made = await hostileDesk();
  for (const [name, type] of Object.entries(typed)) {
    const { words = [], stdin } = type(made);
    for (const more of [[], ['--json']]) {
      const typed = [...name.split(' '), ...words, ...more];
      expectHarmless(name, await (stdin === undefined ? runHere(typed) : tocsin(typed, { env, stdin })));
    }
  }
});

test('no command repeats what was typed in a way that a terminal obeys', { timeout: 120_000 }, async () => {
  await surroundings();
  const folder = temporaryFolder();
  for (const [name, command] of commands) {
    const path = name.split(' ');
    // A backup is written where its file is named.
    const given = command.registeredArguments.map((argument) =>
      argument.name() === 'file' ? join(folder, HOSTILE) : HOSTILE,
    );
    const tries = [
      [...given, HOSTILE, HOSTILE],
      [...given, `--${HOSTILE}`],
    ];
    if (given.length > 0) tries.push(given);
    // One option at a time, for the first that is refused hides the others.
    for (const { long, required } of command.options)
      if (required && long && name !== 'login')
        tries.push([...command.registeredArguments.map(() => join(folder, '1')), long, HOSTILE]);
    for (const words of tries) expectHarmless(name, await runHere([...path, ...words]));
  }
});
