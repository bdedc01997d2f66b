import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { allImports, faultOf, findCycle, importsOf } from './architecture.ts';

const imports = allImports(resolve(import.meta.dirname, '..'));

test('every arrow points the way that ARCHITECTURE.md draws', () => {
  expect(imports.length).toBeGreaterThan(200);
  expect(imports.map(faultOf).filter((fault) => fault !== null)).toEqual([]);
});

test('no file imports itself by a detour', () => {
  expect(findCycle(imports)).toBeNull();
});

test.each([
  ['packages/domain/src/tickets/a.ts', "import { x } from '../imports/index.ts';", 'to the right'],
  ['packages/domain/src/tickets/a.ts', "import type { x } from '../imports/index.ts';", 'to the right'],
  ['packages/domain/src/imports/a.ts', "export { x } from '../tickets/model.ts';", 'past the door'],
  ['packages/domain/src/tickets/a.ts', "import fastify from 'fastify';", 'must not know'],
  ['packages/domain/src/tickets/a.ts', "import { x } from '@tocsin/api';", 'uphill'],
  ['packages/domain/src/newcomer/a.ts', "import { x } from '../core/index.ts';", 'no place'],
  ['packages/api/src/routers/a.ts', "import { x } from 'knex';", 'must not know'],
  ['packages/client/src/index.ts', "import { appRouter } from '@tocsin/api';", 'uphill'],
  ['apps/cli/src/a.ts', "const { x } = await import('@tocsin/domain');", 'uphill'],
  ['apps/cli/src/a.ts', "import '../../server/src/config.ts';", 'another package'],
])('the check can fail: in %s, %s', (file, text, fault) => {
  expect(importsOf(file, text).map(faultOf)).toEqual([expect.stringContaining(fault)]);
});

test('the check for cycles can fail', () => {
  const arrows = [
    ...importsOf('a/x.ts', "import './y.ts'"),
    ...importsOf('a/y.ts', "export * from './x.ts'"),
  ];
  expect(findCycle(arrows)).toEqual(['a/x.ts', 'a/y.ts', 'a/x.ts']);
});
