import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyOfCheckout, plainNode, run, tempDir } from './checkout.ts';

/** Packs the client and installs the tarball in an empty project, which has nothing of the workspace. */
let checkout: string;
let project: string;
beforeAll(() => {
  checkout = copyOfCheckout();
  project = tempDir();
  // The copy borrows the checkout's dependencies: pnpm must not think of installing there.
  const pack = ['pack', '--config.verify-deps-before-run=false', '--out', tarball()];
  succeed(join(checkout, 'packages/client'), 'npx', '-y', '--prefer-offline', 'pnpm@12', ...pack);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'elsewhere', type: 'module' }));
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  succeed(project, 'npm', 'install', ...quiet, tarball(), '@types/node@20');
}, 120_000);
afterAll(() => {
  for (const dir of [checkout, project]) rmSync(dir, { recursive: true, force: true });
});

const tarball = (): string => join(project, 'client.tgz');
const installed = (): string => join(project, 'node_modules/@tocsin/client');
const filesOf = (dir: string): string[] => readdirSync(dir, { recursive: true, encoding: 'utf8' });

function succeed(cwd: string, command: string, ...args: string[]): string {
  const { status, output } = run(cwd, command, ...args);
  expect(status, output).toBe(0);
  return output;
}

test('the tarball carries JavaScript, declarations, a manual, the licence and nothing else', () => {
  const entries = filesOf(installed()).filter((entry) => entry !== 'dist');
  expect(entries.sort()).toEqual([
    'LICENSE',
    'README.md',
    'dist/contract.d.ts',
    'dist/contract.js',
    'dist/index.d.ts',
    'dist/index.js',
    'dist/retry.d.ts',
    'dist/retry.js',
    'package.json',
  ]);
});

test('its declarations stand on tRPC alone', () => {
  const declarations = filesOf(installed()).filter((file) => file.endsWith('.d.ts'));
  const texts = declarations.map((file) => readFileSync(join(installed(), file), 'utf8')).join('\n');
  const named = [...texts.matchAll(/\b(?:from|import\()\s*['"]([^'"]+)['"]/g)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(['./contract.js', './retry.js', '@trpc/client', '@trpc/server']));
  expect(texts).not.toMatch(/knex|objection|fastify|zod|@tocsin/i);
});

test('installing it brings tRPC and nothing of a server: no Knex, no Objection', () => {
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as { packages: object };
  const packages = Object.keys(lock.packages).map((path) => path.replace(/^node_modules\//, ''));
  // TypeScript comes as a peer of tRPC, with one package for each platform.
  const compiler = /^(typescript|@typescript\/.*)$/;
  expect(packages.filter((name) => name !== '' && !compiler.test(name)).sort()).toEqual([
    '@tocsin/client',
    '@trpc/client',
    '@trpc/server',
    '@types/node',
    'undici-types',
  ]);
});

test('what an answer means is told where it is used', () => {
  const contract = readFileSync(join(installed(), 'dist/contract.d.ts'), 'utf8');
  expect(contract).toMatch(
    /\/\*\*\s+\*? ?Open a ticket \(POST \/tickets\)\.(?:(?!\*\/)[\s\S])*\*\/\s+create: Mutation</,
  );
  expect(contract).toContain('/** When it was opened */\n    createdAt: string;');
  expect(contract).toContain(
    'status: "open" | "in_progress" | "on_hold" | "resolved" | "closed" | "cancelled";',
  );
});

describe.each([
  { module: 'NodeNext', moduleResolution: 'NodeNext', skipLibCheck: false },
  { module: 'ESNext', moduleResolution: 'bundler', skipLibCheck: false },
])('in another project with moduleResolution $moduleResolution', (compilerOptions) => {
  /** Type checks these sources in the project, as strictly as there is. */
  function typeCheck(sources: Record<string, string>) {
    const dir = join(project, compilerOptions.moduleResolution);
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir);
    const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
    const common = { target: 'ES2022', lib: ['ES2022', 'DOM'], types: ['node'], noEmit: true };
    const config = { compilerOptions: { ...common, ...strict, ...compilerOptions } };
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
    for (const [name, source] of Object.entries(sources)) writeFileSync(join(dir, name), source);
    return run(project, join(project, 'node_modules/.bin/tsc'), '-p', dir, '--pretty', 'false');
  }

  test('the example and the README type check', () => {
    const example = readFileSync(join(checkout, 'examples/triage.ts'), 'utf8');
    const manual = readFileSync(join(installed(), 'README.md'), 'utf8');
    const snippets = [...manual.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ''], at) => [
      `readme-${at}.ts`,
      code,
    ]);
    expect(snippets.length).toBeGreaterThan(2);
    const sources = { 'triage.ts': example, ...Object.fromEntries(snippets) };
    expect(typeCheck(sources)).toEqual({ status: 0, output: '' });
  });

  test('inputs, outputs and problems are typed, not any', () => {
    const { output } = typeCheck({
      'wrong.ts': `
        import { type AppRouter, createClient, type Inputs, type Outputs, type Problem } from '@tocsin/client';
        import type { TRPCClientError } from '@trpc/client';
        const desk = createClient({ url: '', token: '' });
        desk.tickets.create.mutate({ title: 1 });
        desk.tickets.list.mutate({});
        const status: Outputs['tickets']['get']['status'] = 'lost';
        const move: Inputs['tickets']['move'] = { id: 1 };
        const detail = (error: TRPCClientError<AppRouter>): number | undefined => error.data?.problem.detail;
        const problem = (problem: Problem): number => problem.code;
      `,
    });
    const faults = [...output.matchAll(/wrong\.ts\((\d+),/g)].map(([, line]) => Number(line));
    expect(faults, output).toEqual([5, 6, 7, 8, 9, 10]);
  });
});

test('a plain Node, which strips no types in node_modules, makes a client and calls', () => {
  const program = `
    import { createClient, problemOf } from '@tocsin/client';
    const desk = createClient({ url: 'http://127.0.0.1:1/', token: 'none' });
    const error = await desk.tickets.list.query({}).catch((error) => error);
    console.log(error.name, problemOf(error));
  `;
  expect(succeed(project, plainNode(), '--input-type=module', '-e', program)).toBe('TRPCClientError null\n');
});
