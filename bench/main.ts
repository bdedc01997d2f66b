import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from './desk.ts';
import { ask, type FilledDesk, openDesks } from './fill/kept.ts';
import { operationsOf } from './operations.ts';
import { readOptions } from './options.ts';
import { goalsText, publish, type Results, resultsText } from './report.ts';
import { findFastApi, startApi, startFastApi, startFloor } from './servers.ts';
import { makeAgent, measureStages, type Stage } from './stage.ts';

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const options = readOptions(args);
const folder = temporaryFolder();
const words: string[] = [];
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function openStage(desk: FilledDesk, python: string | undefined): Promise<Stage> {
  const agent = await makeAgent(desk);
  const api = await startApi(desk, folder);
  const floor = await startFloor(desk, { folder, actorId: agent.id });
  const fastapi = python === undefined ? undefined : await startFastApi(desk, python);
  const operations = await operationsOf(desk, { agent, api: api.url });
  return {
    desk,
    operations,
    servers: { floor, rest: api, trpc: api, batch: api, ...(fastapi ? { fastapi } : {}) },
  };
}

async function run(): Promise<void> {
  const found = findFastApi();
  if (!found)
    words.push(
      'FastAPI is left out: there is no Python here with fastapi, sqlalchemy, uvicorn and psycopg2.',
    );
  const kept = options.keep === null ? join(folder, 'postgres') : resolve(options.keep);
  mkdirSync(kept, { recursive: true });
  const { cluster, desks, words: filling } = await openDesks(kept, options.sizes);
  words.push(...filling);
  const stages: Stage[] = [];
  try {
    for (const desk of desks) stages.push(await openStage(desk, found?.python));
    const operations = (stages[0]?.operations ?? []).filter(
      ({ name }) => options.only?.includes(name) ?? true,
    );
    const [version] = await ask<{ server_version: string }>(cluster.url, 'show server_version');
    const series = await measureStages(stages, options, words);
    tell({
      command: ['npx -y pnpm@12 bench', ...withoutFolder(args)].join(' '),
      versions: [
        `Node ${process.version.slice(1)}`,
        `PostgreSQL ${version?.server_version}`,
        ...(found ? [found.versions] : []),
      ],
      desks,
      operations,
      series,
      words,
      rounds: options.rounds,
      roundMs: options.roundMs,
    });
  } finally {
    for (const { servers } of stages)
      await Promise.all([...new Set(Object.values(servers))].map((one) => one.stop()));
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where somebody keeps filled desks is nobody else's matter. */
const withoutFolder = (given: readonly string[]): string[] =>
  given.map((arg, index) =>
    given[index - 1] === '--keep' ? 'DIR' : arg.replace(/^--keep=.*/, '--keep=DIR'),
  );

function tell(results: Results): void {
  process.stdout.write(`${options.publish ? goalsText(results) : resultsText(results)}\n`);
  for (const word of options.publish ? words : []) say(word);
  if (options.publish) publish(results);
}

await run();
process.exit(0);
