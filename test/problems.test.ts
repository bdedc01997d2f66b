import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemsPage } from '@tocsin/api';
import { problems } from '@tocsin/schema';
import { expect, test } from 'vitest';
import { root } from './checkout.ts';

test('docs/problems.md lists every problem code (`pnpm generate` writes it)', () => {
  expect(readFileSync(join(root, 'docs/problems.md'), 'utf8')).toBe(problemsPage());
});

test('every problem code that is listed is used', () => {
  const files = String(execFileSync('git', ['ls-files'], { cwd: root }))
    .split('\n')
    .filter(
      (file) =>
        /^(packages|apps)\/.*\/src\/.*(?<!\.test)\.ts$/.test(file) && !file.startsWith('packages/schema/'),
    );
  const source = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  expect(Object.keys(problems).filter((code) => !source.includes(`'${code}'`))).toEqual([]);
});
