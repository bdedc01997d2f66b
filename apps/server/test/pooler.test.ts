import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseOwnedBy, freePort, testRole } from '@tocsin/domain/testing';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { administratorOf, dataFolder, startProcess } from './running-process.ts';

const PGBOUNCER = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path));

/** Named statements came with 1.21. */
const knowsNames = (): boolean => {
  const [, major, minor] =
    /PgBouncer (\d+)\.(\d+)/.exec(String(PGBOUNCER && spawnSync(PGBOUNCER, ['--version']).stdout)) ?? [];
  return Number(major) > 1 || Number(minor) >= 21;
};

/** A PgBouncer in transaction mode before a database; two connections serve everybody. @returns the address by it */
async function poolerBefore(databaseUrl: string): Promise<string> {
  const { hostname, port, username, password } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-pooler-'));
  chmodSync(folder, 0o755);
  const own = await freePort();
  writeFileSync(join(folder, 'users.txt'), `"${username}" "${decodeURIComponent(password)}"\n`);
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
auth_type = plain
auth_file = ${join(folder, 'users.txt')}
pool_mode = transaction
default_pool_size = 2
unix_socket_dir =
ignore_startup_parameters = options,statement_timeout,idle_in_transaction_session_timeout,extra_float_digits
`,
  );
  const asRoot = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(String(PGBOUNCER), ['-q', ...asRoot, join(folder, 'pgbouncer.ini')], {
    stdio: 'ignore',
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  const url = new URL(databaseUrl);
  url.port = String(own);
  await expect.poll(() => answers(url.href)).toBe(true);
  return url.href;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  return client.connect().then(
    async () => {
      await client.end();
      return true;
    },
    () => false,
  );
}

async function deskBehindPooler(environment: Record<string, string> = {}) {
  const owner = await testRole('owner');
  const direct = await databaseOwnedBy(owner);
  const server = startProcess(dataFolder(), {
    DATABASE_URL: await poolerBefore(direct),
    TOCSIN_DIRECT_DATABASE_URL: direct,
    LOG_LEVEL: 'info',
    ...environment,
  });
  return { server, call: administratorOf(await server.listening) };
}

/** Many at once, so that their statements change connections. */
async function work(call: ReturnType<typeof administratorOf>): Promise<Set<number>> {
  const statuses = new Set<number>();
  const one = async (n: number): Promise<void> => {
    const { status, body } = await call('/tickets', { json: { title: `Ticket ${n}`, tags: ['pooled'] } });
    statuses.add(status);
    for (const path of [
      `/tickets/${body?.id}`,
      '/tickets?q=pooled&limit=5',
      '/tickets/facets?by=status',
      '/me',
    ])
      statuses.add((await call(path)).status);
    statuses.add(
      (await call(`/tickets/${body?.id}`, { method: 'PATCH', json: { title: `Again ${n}` } })).status,
    );
  };
  for (let round = 0; round < 3; round += 1) await Promise.all(Array.from({ length: 12 }, (_, n) => one(n)));
  return statuses;
}

test.runIf(PGBOUNCER)(
  'behind a pooler that knows no named statements the desk works without them',
  async () => {
    const { server, call } = await deskBehindPooler({ TOCSIN_PREPARED_STATEMENTS: 'off' });
    expect(await work(call)).toEqual(new Set([200, 201]));
    expect((await call('/ready')).status).toBe(200);
    // LISTEN goes past the pooler, so what is revoked is heard of.
    const made = (await call('/tokens', { json: { name: 'monitor' } })).body;
    expect((await call('/me', { token: made.token })).status).toBe(200);
    await call(`/tokens/${made.id}`, { method: 'DELETE' });
    await expect.poll(async () => (await call('/me', { token: made.token })).status).toBe(401);
    expect(server.output()).not.toContain('lost the connection for notices');
  },
);

test.runIf(PGBOUNCER && !knowsNames())('without the setting such a pooler breaks statements', async () => {
  const { call } = await deskBehindPooler();
  expect([...(await work(call))]).toContain(500);
});

test.runIf(PGBOUNCER)(
  'without a direct address tokens are looked up each time, and all else works',
  async () => {
    const { call } = await deskBehindPooler({
      TOCSIN_PREPARED_STATEMENTS: 'off',
      TOCSIN_DIRECT_DATABASE_URL: '',
    });
    expect(await work(call)).toEqual(new Set([200, 201]));
    const made = (await call('/tokens', { json: { name: 'monitor' } })).body;
    expect((await call('/me', { token: made.token })).status).toBe(200);
    await call(`/tokens/${made.id}`, { method: 'DELETE' });
    expect((await call('/me', { token: made.token })).status).toBe(401);
  },
);
