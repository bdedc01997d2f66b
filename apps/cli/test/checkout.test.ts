import { expect, test } from 'vitest';
import { dataFolder, startProcess } from '../../server/test/running-process.ts';
import { TOKEN } from './desk.ts';
import { tocsin } from './tocsin.ts';

test('the desk that runs in the checkout is found by itself, and its database is looked after', async () => {
  const dir = dataFolder();
  const server = startProcess(dir, { LOG_LEVEL: 'warn' });
  const url = await server.listening;
  const env = { TOCSIN_DATA_DIR: dir, TOCSIN_BOOTSTRAP_TOKEN: TOKEN };

  expect((await tocsin(['whoami'], { env })).stdout).toContain(`at ${url} (the desk of this checkout)`);
  // Its token is for it alone.
  const elsewhere = await tocsin(['whoami', '--url', 'http://127.0.0.1:9'], { env });
  expect(elsewhere).toMatchObject({ code: 1, stdout: '' });
  expect(elsewhere.stderr).toContain('No token is known');

  const status = await tocsin(['db', 'status', '--json'], { env });
  const { applied, pending } = JSON.parse(status.stdout);
  expect(pending).toEqual([]);
  const lines = (await tocsin(['db', 'status'], { env })).stdout.trimEnd().split('\n');
  expect(lines.slice(0, applied.length)).toEqual(applied.map((name: string) => `applied  ${name}`));
  expect(lines.slice(applied.length)).toEqual([
    expect.stringMatching(/^server {3}PostgreSQL 18\.\d+, UTF8$/),
    'history  The database refuses changes to events and audit entries.',
    expect.stringContaining('postgres is a superuser: it could rewrite the history.'),
  ]);
  expect(JSON.parse((await tocsin(['db', 'migrate', '--json'], { env })).stdout)).toEqual({ applied: [] });

  server.child.kill('SIGTERM');
  expect(await server.gone).toEqual([0, null]);
  expect((await tocsin(['whoami'], { env })).stderr).toContain('none runs in this checkout');
});
