import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { conditionNames, fieldNames } from './fields.ts';
import { parseQuery } from './index.ts';

const page = readFileSync(new URL('../../../../docs/query-language.md', import.meta.url), 'utf8');
const NOW = new Date('2026-01-31T09:30:00.000Z');

/** What stands in code in the tables of examples: the last column of fields, the first of all others. */
function examples(): string[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const cells = row.slice(2, -2).split(' | ');
    const cell = /^`[a-z]+:`$/.test(String(cells[0])) ? cells.at(-1) : cells[0];
    return [...String(cell).matchAll(/`([^`]+)`/g)].map(([, example]) => String(example));
  });
}

test('every example of the page is a query', () => {
  const found = examples();
  expect(found.length).toBeGreaterThan(50);
  for (const example of found) expect(() => parseQuery(example, NOW), example).not.toThrow();
});

test('every field, and every condition of is:, stands on the page', () => {
  for (const field of fieldNames) expect(page).toContain(`\n| \`${field}:\` |`);
  for (const condition of conditionNames) expect(page).toContain(`\n| \`is:${condition}\` |`);
});
