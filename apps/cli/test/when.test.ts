import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { when } from '../src/commands/when.ts';

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-01-31T09:30:00.000Z') }));
afterEach(() => void vi.useRealTimers());

test.each([
  ['12h', '2026-01-31T21:30:00.000Z', '2026-01-30T21:30:00.000Z'],
  ['90m', '2026-01-31T11:00:00.000Z', '2026-01-31T08:00:00.000Z'],
  ['today', '2026-01-31T00:00:00.000Z', '2026-01-31T00:00:00.000Z'],
  ['Yesterday', '2026-01-30T00:00:00.000Z', '2026-01-30T00:00:00.000Z'],
  ['1d', '2026-02-01T09:30:00.000Z', '2026-01-30T09:30:00.000Z'],
  ['2W', '2026-02-14T09:30:00.000Z', '2026-01-17T09:30:00.000Z'],
  ['2026-12-31', '2026-12-31T00:00:00.000Z', '2026-12-31T00:00:00.000Z'],
  ['2026-12', '2026-12-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
  ['2026', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
  ['2026-12-31T18:00:00+01:00', '2026-12-31T18:00:00+01:00', '2026-12-31T18:00:00+01:00'],
  ['99999w', '3942-08-08T09:30:00.000Z', '0109-07-27T09:30:00.000Z'],
])('%s is %s from now on, %s back from now', (typed, after, before) => {
  expect([when('after')(typed), when('before')(typed)]).toEqual([after, before]);
});

test.each(['', 'soon', '12', '-1d', '1.5h', '2026-12-31T18:00', '31.12.2026', '100000d'])(
  '%j is no moment, and an example is given',
  (typed) => {
    expect(() => when('after')(typed)).toThrow('such as 90d');
  },
);
