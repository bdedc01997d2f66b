import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './checkout.ts';
import { words } from './words.ts';

/** Landed migrations are never changed; the list names the words itself. */
const EXEMPT = /\/migrations\/|^test\/words/;

const sources = String(execFileSync('git', ['ls-files', '*.ts', '*.yml'], { cwd: root }))
  .split('\n')
  .filter((file) => file !== '' && !EXEMPT.test(file));

const findingsIn = (file: string, text: string): string[] =>
  text
    .split('\n')
    .flatMap((line, index) =>
      words
        .filter(({ pattern }) => pattern.test(line))
        .map(({ instead }) => `${file}:${index + 1}: ${line.trim().slice(0, 80)} → ${instead}`),
    );

test('no word that was replaced by the term of the field has come back', () => {
  expect(sources.length).toBeGreaterThan(400);
  expect(sources.flatMap((file) => findingsIn(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
});

test('the check can fail', () => {
  expect(findingsIn('a.ts', 'const x = 1;\nconst MOST_ROWS = 3;')).toEqual([
    'a.ts:2: const MOST_ROWS = 3; → MAX_…',
  ]);
});
