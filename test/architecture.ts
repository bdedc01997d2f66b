import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** One import as it is written: who, of what, resolved to a file of the repository or a package of the workspace. */
export interface Import {
  /** Path of the importing file from the repository's root. */
  readonly from: string;
  /** Path from the root for a file, else the specifier: `@tocsin/domain`, `zod`. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** What each package of the workspace may import of the others; everything else is an arrow uphill. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'packages/postgres': [],
  'packages/schema': [],
  'packages/domain': ['@tocsin/schema'],
  'packages/api': ['@tocsin/domain', '@tocsin/schema'],
  'packages/client': ['@tocsin/api (types)'],
  'apps/server': ['@tocsin/api', '@tocsin/domain', '@tocsin/postgres', '@tocsin/schema'],
  'apps/cli': ['@tocsin/client', '@tocsin/server/desk'],
};

/** The features of the domain, from left to right: each may import only what stands to its left. */
const features = [
  'core',
  'backup',
  'audit',
  'identity',
  'access',
  'services',
  'tickets',
  'imports',
  'sla',
  'incidents',
  'notifications',
  'query',
  'views',
  'search',
  'analytics',
];

/** What a layer must not know at all. */
const forbidden: Readonly<Record<string, RegExp>> = {
  'packages/schema': /^(?!packages\/schema\/|zod$)/,
  'packages/domain': /^(@trpc\/|fastify|@fastify\/|trpc-to-openapi|node:http$)/,
  'packages/api': /^(fastify|@fastify\/|knex|objection|pg)$/,
  'packages/client': /^(knex|objection|pg|zod|fastify)$/,
  'apps/cli': /^(knex|objection|pg|fastify|@trpc\/)/,
};

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?[^'";]*?\sfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|^\s*import\s+['"]([^'"]+)['"]/gm;

/** The imports of one file's text. */
export function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, named, dynamic, bare]) => {
    const specifier = named ?? dynamic ?? bare ?? '';
    const to = specifier.startsWith('.') ? join(dirname(file), specifier) : specifier;
    return { from: file, to, typeOnly: type !== undefined };
  });
}

const isTest = (file: string): boolean => /\.test\.ts$|\/(test|testing|scripts)\//.test(file);

/** The imports of all code of the workspace that is not test. */
export function allImports(root: string): Import[] {
  return Object.keys(packages).flatMap((folder) =>
    readdirSync(resolve(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => relative(root, resolve(root, folder, 'src', name)))
      .filter((file) => !isTest(file))
      .flatMap((file) => importsOf(file, readFileSync(resolve(root, file), 'utf8'))),
  );
}

const packageOf = (file: string): string => file.split('/').slice(0, 2).join('/');
const featureOf = (file: string): string | undefined => /^packages\/domain\/src\/([^/]+)\//.exec(file)?.[1];

/** What is wrong with an import; null when nothing is. */
export function faultOf({ from, to, typeOnly }: Import): string | null {
  const home = packageOf(from);
  const arrow = `${from} → ${to}`;
  if (forbidden[home]?.test(to)) return `${arrow}: ${home} must not know it`;
  if (to.startsWith('@tocsin/')) {
    const allowed = packages[home]?.some((one) => one === to || (typeOnly && one === `${to} (types)`));
    return allowed ? null : `${arrow}: uphill, or past the package's door`;
  }
  if (!to.includes('/') || !to.endsWith('.ts')) return null;
  if (packageOf(to) !== home) return `${arrow}: into another package by its path`;
  return featureFault(from, to, arrow);
}

function featureFault(from: string, to: string, arrow: string): string | null {
  const here = featureOf(from);
  const there = featureOf(to);
  if (!here || !there || here === there) return null;
  if (!features.includes(here) || !features.includes(there))
    return `${arrow}: a feature that has no place in the order`;
  if (features.indexOf(there) > features.indexOf(here))
    return `${arrow}: ${there} stands to the right of ${here}`;
  return to.endsWith(`/${there}/index.ts`) ? null : `${arrow}: past the door of ${there}`;
}

/** A cycle among files, as the files in order; null when there is none. Types count: they, too, must be read together. */
export function findCycle(imports: readonly Import[]): string[] | null {
  const graph = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    path.push(file);
    for (const { to } of graph.get(file) ?? []) {
      const cycle = visit(to);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return null;
}
