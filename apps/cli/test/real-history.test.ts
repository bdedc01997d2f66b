import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient, type Outputs } from '@tocsin/client';
import { recordedFields, replayedFields } from '@tocsin/domain/testing';
import { expect, onTestFinished, test } from 'vitest';
import { TOKEN } from '../../server/test/running-app.ts';
import { dataFolder, startProcess } from '../../server/test/running-process.ts';
import { checkFigures } from './real-figures.ts';
import { type ExpectedTicket, expectedTickets, realHistory } from './real-history.ts';

type Ticket = Outputs['tickets']['get'];

interface Importing {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  readonly output: () => string;
}

function startImport(url: string): Importing {
  const args = [join(import.meta.dirname, '../src/main.ts'), 'import', 'servicenow', realHistory, '--json'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TOCSIN_URL: url, TOCSIN_TOKEN: TOKEN },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  return { child, ended: once(child, 'exit'), output: () => output };
}

const isThere = async (client: Client, number: string): Promise<boolean> =>
  (await client.tickets.list.query({ source: `servicenow:${number}` })).items.length > 0;

interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** Every item of a list. */
async function all<T>(page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const next = await page({ limit: 100, ...(cursor ? { cursor } : {}) });
    items.push(...next.items);
    cursor = next.nextCursor;
  }
  return items;
}

/** There are as many people and teams as the log has numbers, each once, and none can do anything yet. */
async function checkPeople(client: Client): Promise<void> {
  const users = (await all((query) => client.users.list.query(query))).filter(({ source }) => source);
  expect(new Set(users.map(({ source }) => source?.id)).size).toBe(users.length);
  const words = users.map(({ name }) => name.split(' ')[0]);
  expect(words.filter((word) => word === 'Caller')).toHaveLength(5_244);
  expect(words.filter((word) => word === 'Assignee')).toHaveLength(234);
  expect(users).toHaveLength(5_244 + 234);
  for (const { name, source, active, email, role } of users) {
    const id = name.toLowerCase().replace(' ', ':');
    const expected = { source: { system: 'servicenow', id }, active: false, email: null };
    expect({ source, active, email }).toEqual(expected);
    expect(role).toBe(name.startsWith('Caller') ? 'requester' : 'agent');
  }
  const teams = await all((query) => client.teams.list.query(query));
  expect(teams).toHaveLength(78);
  for (const { name, source } of teams) {
    expect(source).toEqual({ system: 'servicenow', id: name.toLowerCase().replace(' ', ':') });
  }
}

async function checkTicket(client: Client, ticket: Ticket, expected: ExpectedTicket): Promise<void> {
  const { items } = await client.tickets.history.query({ id: ticket.id, limit: 100 });
  const [created, ...changes] = items.map(({ at, actor }) => [at, actor.name]);
  expect(created).toEqual([expected.createdAt, expected.createdBy]);
  expect(changes).toEqual(expected.changes);
  expect(ticket).toMatchObject({
    status: 'closed',
    createdAt: expected.createdAt,
    resolvedAt: expected.resolvedAt,
    closedAt: expected.closedAt,
    reopenCount: expected.reopenCount,
    version: items.length,
  });
  const { requester, assignee, team } = ticket;
  const people = { requester, assignee, team };
  const names = Object.entries(people).map(([field, who]) => [field, who?.name ?? null]);
  expect(Object.fromEntries(names)).toEqual(expected.people);
  expect(replayedFields(items)).toEqual(recordedFields(ticket));
}

test.skipIf(!existsSync(realHistory))(
  'the real history of 24,918 incidents comes in whole, though the CLI and the server are killed on the way',
  { timeout: 300_000 },
  async () => {
    const expected = await expectedTickets(realHistory);
    const numbers = [...expected.keys()];
    const dir = dataFolder();
    const first = startProcess(dir, { LOG_LEVEL: 'warn' });
    const url = await first.listening;
    const desk = createClient({ url, token: TOKEN });

    const killed = startImport(url);
    await expect.poll(() => isThere(desk, numbers[8_000]!), { timeout: 120_000 }).toBe(true);
    killed.child.kill('SIGKILL');
    await killed.ended;

    const interrupted = startImport(url);
    await expect.poll(() => isThere(desk, numbers[14_000]!), { timeout: 120_000 }).toBe(true);
    first.child.kill('SIGKILL');
    await first.gone;
    interrupted.child.kill('SIGKILL');
    await interrupted.ended;

    const second = startProcess(dir, { LOG_LEVEL: 'warn' });
    const client = createClient({ url: await second.listening, token: TOKEN });
    const final = startImport(await second.listening);
    expect(await final.ended).toEqual([0, null]);
    const again = startImport(await second.listening);

    const tickets = await all((query) => client.tickets.list.query(query));
    expect(tickets).toHaveLength(24_918);
    expect(new Set(tickets.map(({ source }) => source?.id))).toEqual(new Set(numbers));
    for (let index = 0; index < tickets.length; index += 100) {
      const checks = tickets.slice(index, index + 100);
      await Promise.all(
        checks.map((ticket) => checkTicket(client, ticket, expected.get(String(ticket.source?.id))!)),
      );
    }
    await checkPeople(client);
    await checkFigures(client, expected);
    const events = tickets.reduce((sum, { version }) => sum + version, 0);
    expect(events).toBe(
      24_918 + [...expected.values()].reduce((sum, { changes }) => sum + changes.length, 0),
    );

    // A run that finds everything there writes nothing, and reports the same rows as impossible.
    expect(await again.ended).toEqual([0, null]);
    expect(JSON.parse(again.output())).toMatchObject({ ticketsCreated: 0, eventsWritten: 0 });
    expect(JSON.parse(again.output()).rejected.map(({ line }: { line: number }) => line)).toEqual([
      115_643, 115_644, 124_509, 124_510, 124_511,
    ]);
  },
);
