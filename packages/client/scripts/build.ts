import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractSource } from './contract.ts';

/**
 * Makes `dist`, which the tarball carries: the sources, compiled, with a contract that stands alone in place of the
 * one that comes from the API. It fails when the two do not say the same.
 */
const root = join(import.meta.dirname, '..');
const sources = join(root, 'src');
const dist = join(root, 'dist');
const stage = join(dist, 'src');

function compile(project: string): void {
  const { status } = spawnSync('tsc', ['-p', join(root, project)], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** Declarations keep the specifiers of their source, and those of the tarball must name JavaScript. */
const naming = (source: string): string => source.replaceAll(/(from '\.\/[^']+)\.ts'/g, "$1.js'");

rmSync(dist, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
for (const file of readdirSync(sources)) {
  const source = file === 'contract.ts' ? contractSource() : readFileSync(join(sources, file), 'utf8');
  writeFileSync(join(stage, file), naming(source));
}
compile('tsconfig.build.json');
rmSync(stage, { recursive: true });
compile('tsconfig.agreement.json');
