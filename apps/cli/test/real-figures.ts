import type { Client } from '@tocsin/client';
import { expect } from 'vitest';
import type { ExpectedTicket, Moment } from './real-history.ts';

interface Counted {
  opened: number;
  resolved: number;
  reopened: number;
  reassigned: number;
  backlog: number;
  readonly took: number[];
}

const none = (): Counted => ({ opened: 0, resolved: 0, reopened: 0, reassigned: 0, backlog: 0, took: [] });
const DAY = 86_400_000;

/** The Monday of a moment's week; 1970 began on a Thursday. */
const monday = (at: string): string =>
  new Date((Math.floor((Date.parse(at) / DAY + 3) / 7) * 7 - 3) * DAY).toISOString().slice(0, 10);

type KeyOf = (moment: Moment) => string;

/** Counts what happened, moment by moment, under the keys of moments; only the backlog when it does not lie within. */
function count(tickets: Iterable<ExpectedTicket>, keyOf: KeyOf, isWithin: (at: string) => boolean) {
  const counted = new Map<string, Counted>();
  const rowOf = (moment: Moment): Counted => {
    const known = counted.get(keyOf(moment)) ?? none();
    counted.set(keyOf(moment), known);
    return known;
  };
  for (const { life } of tickets)
    for (const [index, moment] of life.entries()) {
      const before = life[index - 1];
      if (before?.isOpen) rowOf({ ...before, at: moment.at }).backlog -= 1;
      if (moment.isOpen) rowOf(moment).backlog += 1;
      if (isWithin(moment.at)) add(rowOf(moment), { born: life[0] as Moment, before, moment });
    }
  return counted;
}

interface Step {
  readonly born: Moment;
  readonly before: Moment | undefined;
  readonly moment: Moment;
}

const isLost = (before: string | null, after: string | null): boolean => before !== null && before !== after;

function add(row: Counted, { born, before, moment }: Step): void {
  if (!before) {
    row.opened += 1;
    return;
  }
  if (moment.reopenCount > before.reopenCount) row.reopened += 1;
  if (isLost(before.assignee, moment.assignee) || isLost(before.team, moment.team)) row.reassigned += 1;
  if (!before.isOpen || moment.isOpen) return;
  row.resolved += 1;
  row.took.push(Math.max(0, Date.parse(moment.at) - Date.parse(born.at)) / 1000);
}

function timesOf({ took }: Counted) {
  if (took.length === 0) return null;
  const sorted = took.toSorted((one, other) => one - other);
  const quantile = (part: number): number => {
    const place = part * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
    return Math.round((low + (high - low) * (place - Math.floor(place))) * 1000) / 1000;
  };
  const mean = took.reduce((sum, one) => sum + one, 0) / took.length;
  return { mean, median: quantile(0.5), p90: quantile(0.9) };
}

const figures = ({ took, ...counted }: Counted) => ({
  ...counted,
  timeToResolve: timesOf({ took, ...counted }),
});

/** Rows that lie before an earlier one of their ticket count from that one on. */
function inTheirOrder(life: readonly Moment[]): Moment[] {
  let latest = '';
  return life.map((moment) => {
    latest = moment.at > latest ? moment.at : latest;
    return { ...moment, at: latest };
  });
}

/** The figures of the desk are those of the log, counted from the file alone: week by week, and team by team. */
export async function checkFigures(client: Client, log: ReadonlyMap<string, ExpectedTicket>): Promise<void> {
  const tickets = [...log.values()].map((ticket) => ({ ...ticket, life: inTheirOrder(ticket.life) }));
  const all = { from: '2016-02-22', to: '2017-02-27' };
  const weeks = count(
    tickets,
    ({ at }) => monday(at),
    () => true,
  );
  const byWeek = await client.analytics.tickets.query({ ...all, by: 'week' });
  expect(byWeek.estimated).toBe(false);
  expect(byWeek.rows).toHaveLength(53);
  let backlog = 0;
  for (const { key, ...row } of byWeek.rows) {
    const expected = weeks.get(String(key)) ?? none();
    backlog += expected.backlog;
    expect(row, String(key)).toEqual(figures({ ...expected, backlog }));
  }
  expect(byWeek.total).toMatchObject({ opened: 24_918, backlog: 0 });

  const may = { from: '2016-05-01', to: '2016-06-01' };
  const inMay = (at: string): boolean => at >= may.from && at < may.to;
  const until = tickets.map((ticket) => ({
    ...ticket,
    life: ticket.life.filter(({ at }) => at < may.to),
  }));
  const teams = count(until, ({ team }) => team ?? '', inMay);
  const byTeam = await client.analytics.tickets.query({ ...may, by: 'team' });
  expect(byTeam.rows.length).toBeGreaterThan(50);
  for (const { key, name, ...row } of byTeam.rows)
    expect(row, name).toEqual(figures(teams.get(key === null ? '' : String(name)) ?? none()));
}
