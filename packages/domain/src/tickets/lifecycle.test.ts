import { expect, test } from 'vitest';
import { lifecycle, reachableFrom, type Status, statuses, transition } from './lifecycle.ts';

/** The contract's own words, written down a second time on purpose. */
const contract: Record<Status, Status[]> = {
  open: ['in_progress', 'on_hold', 'resolved', 'closed', 'cancelled'],
  in_progress: ['open', 'on_hold', 'resolved', 'closed', 'cancelled'],
  on_hold: ['in_progress', 'on_hold', 'resolved', 'closed', 'cancelled'],
  resolved: ['closed', 'in_progress', 'on_hold'],
  closed: ['in_progress'],
  cancelled: ['open'],
};

const pairs = statuses.flatMap((from) => statuses.map((to) => [from, to] as const));

test.each(pairs)('%s to %s is in the table exactly when the contract has it', (from, to) => {
  expect(transition(from, to) !== undefined).toBe(contract[from].includes(to));
});

test('what is reachable from a state is what the contract lists, in its order', () => {
  for (const from of statuses) expect(reachableFrom(from)).toEqual(contract[from]);
});

test('the table has no move twice', () => {
  expect(new Set(lifecycle.map(({ from, to }) => `${from} ${to}`)).size).toBe(lifecycle.length);
});

test('exactly the ways back from an end are reopenings', () => {
  const reopenings = lifecycle.filter((row) => row.reopens).map(({ from, to }) => `${from} ${to}`);
  expect(reopenings).toEqual([
    'resolved in_progress',
    'resolved on_hold',
    'closed in_progress',
    'cancelled open',
  ]);
});

test('only leads and administrators bring back what is closed or cancelled', () => {
  const leadsOnly = lifecycle.filter((row) => row.leadsOnly).map(({ from, to }) => `${from} ${to}`);
  expect(leadsOnly).toEqual(['closed in_progress', 'cancelled open']);
});
