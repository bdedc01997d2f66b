import { createDatabase, databaseOwnedBy, testRole, urlAs } from '@tocsin/domain/testing';
import { expect, onTestFinished, test } from 'vitest';
import { tocsin } from './tocsin.ts';

test('a desk is set up with one role that owns it and one that serves it', async () => {
  const [owner, serving] = [await testRole('owner'), await testRole('serving')];
  const url = await databaseOwnedBy(owner);
  const [asOwner, asServing] = [url, urlAs(url, serving)].map((DATABASE_URL) => ({ env: { DATABASE_URL } }));
  expect((await tocsin(['db', 'migrate'], asServing)).stderr).toMatch(
    /may not change it; run `tocsin db migrate`/,
  );
  expect((await tocsin(['db', 'migrate'], asOwner)).code).toBe(0);
  const sql = await tocsin(['db', 'grant', serving, '--sql'], asOwner);
  expect(sql.stdout).toContain(`grant select, insert on public."ticket_events" to "${serving}";\n`);
  expect((await tocsin(['db', 'status'], asServing)).stderr).toContain('code: database.not_granted');

  const granted = await tocsin(['db', 'grant', serving], asOwner);
  expect(granted).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${serving} may serve this desk`),
  });
  const status = await tocsin(['db', 'status'], asServing);
  expect(status.stdout).toContain('The database refuses changes to events and audit entries.\n');
  expect(status.stdout).toContain(`account  ${serving} may add to the history, and not change it.\n`);
  expect((await tocsin(['db', 'status'], asOwner)).stdout).toMatch(
    new RegExp(`${owner} owns the tables: it could`),
  );
  expect((await tocsin(['db', 'migrate'], asServing)).stdout).toBe('The schema is up to date.\n');
  const none = await tocsin(['db', 'grant', 'nobody'], asOwner);
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no role "nobody"') });
});

test('a guard of the history that is gone is told, with what to do', async () => {
  const { db, url, drop } = await createDatabase();
  onTestFinished(drop);
  await db.raw('drop trigger ticket_events_stay on ticket_events');
  const { stdout, code } = await tocsin(['db', 'status'], { env: { DATABASE_URL: url } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^broken {3}The trigger ticket_events_stay of ticket_events is missing/m);
  expect(stdout).toContain('CREATE TRIGGER ticket_events_stay BEFORE TRUNCATE ON public.ticket_events');
  expect(stdout).toMatch(/^account {2}postgres is a superuser: it could rewrite the history/m);
  const json = JSON.parse((await tocsin(['db', 'status', '--json'], { env: { DATABASE_URL: url } })).stdout);
  expect(json).toMatchObject({
    pending: [],
    broken: [{ what: expect.any(String) }],
    server: { encoding: 'UTF8' },
  });
});

test('a database in another encoding is refused with what to do', async () => {
  const { db, url, drop } = await createDatabase({ empty: true });
  onTestFinished(drop);
  const name = `${new URL(url).pathname.slice(1)}_latin`;
  await db.raw(
    `create database ${name} template template0 encoding 'LATIN1' locale 'C' locale_provider libc`,
  );
  onTestFinished(() => db.raw(`drop database ${name} with (force)`));
  const env = { DATABASE_URL: url.replace(/\/[^/]*$/, `/${name}`) };
  const { stderr, code } = await tocsin(['db', 'migrate'], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/encoding of this database is LATIN1; Tocsin needs UTF8/);
});
