import { expect, test } from 'vitest';
import { grades, priorityOf } from './priority.ts';

test.each([
  ['high', 'high', 'urgent'],
  ['high', 'medium', 'high'],
  ['medium', 'high', 'high'],
  ['high', 'low', 'medium'],
  ['low', 'high', 'medium'],
  ['medium', 'medium', 'medium'],
  ['medium', 'low', 'low'],
  ['low', 'medium', 'low'],
  ['low', 'low', 'low'],
] as const)('impact %s and urgency %s make priority %s', (impact, urgency, priority) => {
  expect(priorityOf(impact, urgency)).toBe(priority);
});

test('one of the two alone makes no priority', () => {
  for (const grade of grades) {
    expect(priorityOf(grade, null)).toBeNull();
    expect(priorityOf(null, grade)).toBeNull();
  }
});
