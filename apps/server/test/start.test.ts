import { createDatabase } from '@tocsin/domain/testing';
import { expect, onTestFinished, test } from 'vitest';
import { administratorOf, dataFolder, startProcess } from './running-process.ts';

test('a database in another encoding stops the start with a sentence and exit code 78', async () => {
  const { db, url, drop } = await createDatabase({ empty: true });
  onTestFinished(drop);
  const name = `${new URL(url).pathname.slice(1)}_ascii`;
  await db.raw(
    `create database ${name} template template0 encoding 'SQL_ASCII' locale 'C' locale_provider libc`,
  );
  onTestFinished(() => db.raw(`drop database ${name} with (force)`));
  const server = startProcess(dataFolder(), { DATABASE_URL: url.replace(/\/[^/]*$/, `/${name}`) });
  expect(await server.gone).toEqual([78, null]);
  expect(server.output()).toMatch(
    /The encoding of this database is SQL_ASCII; Tocsin needs UTF8.*CREATE DATABASE/,
  );
  expect(server.output()).not.toMatch(/ at .*\.ts:\d/);
});

test('a guard of the history that is gone is an error in the log of the start, and the desk serves', async () => {
  const { db, url, drop } = await createDatabase();
  onTestFinished(drop);
  await db.raw('alter table ticket_events disable trigger ticket_events_are_final');
  const server = startProcess(dataFolder(), { DATABASE_URL: url });
  const call = administratorOf(await server.listening);
  expect((await call('/ready')).status).toBe(200);
  const line = server
    .output()
    .split('\n')
    .find((text) => text.includes('does not guard the history'));
  expect(JSON.parse(String(line))).toMatchObject({
    level: 50,
    msg: expect.stringContaining('The trigger ticket_events_are_final of ticket_events is disabled'),
    remedy: 'ALTER TABLE public.ticket_events ENABLE TRIGGER ticket_events_are_final;',
  });
});
