import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { stdout } from 'node:process';

/**
 * Derives `distributions.json` from a real desk's log: `node bench/fill/derive.ts incident_event_log.csv`.
 * What it keeps is counts and a sample of the shapes of lives; no row of the log is in it.
 */
const CREDIT =
  'Derived from the UCI data set "Incident management process enriched event log" (Amaral, Fantinato, Reijers, Peres 2018, CC BY 4.0)';
/** Every so many-th life, of all in order, stands for its neighbours. */
const LIVES = 500;
const GAPS = 200;
const MISSING = '?';

type Row = Readonly<Record<string, string>>;

/** What each letter of a life means is told in `lives.ts`. */
const states: Readonly<Record<string, string>> = {
  New: 'N',
  Active: 'A',
  'Awaiting User Info': 'U',
  'Awaiting Vendor': 'V',
  'Awaiting Problem': 'P',
  'Awaiting Evidence': 'E',
  Resolved: 'R',
  Closed: 'C',
};

async function readRows(path: string): Promise<Row[]> {
  const file = await open(path);
  const rows: Row[] = [];
  let names: string[] | undefined;
  for await (const line of file.readLines()) {
    const cells = line.split(',');
    // The log has two columns of one name: the second is the subcategory.
    names ??= cells.map((name, index) => (index === cells.lastIndexOf('category') ? 'subcategory' : name));
    rows.push(Object.fromEntries(names.map((name, index) => [name, cells[index] ?? MISSING])));
  }
  return rows.slice(1).filter(({ ident_state: state }) => String(state) in states);
}

const stateOf = (row: Row): string => states[String(row.ident_state)] ?? 'N';

/** The letter of one saved change: the state that it leads to, or what else it changes. */
function letterOf(before: Row | undefined, row: Row): string {
  if (!before) return stateOf(row) === 'N' ? '' : stateOf(row);
  if (stateOf(before) !== stateOf(row)) return stateOf(row);
  const differs = (...names: string[]) => names.some((name) => before[name] !== row[name]);
  if (differs('assignment_group')) return 'g';
  if (differs('assigned_to')) return 'a';
  if (differs('impact', 'urgency')) return 'p';
  return 'e';
}

const lifeOf = (rows: readonly Row[]): string =>
  rows.map((row, index) => letterOf(rows[index - 1], row)).join('');

/** How often each value comes, the most frequent first; what is missing left out. */
function counted(values: Iterable<string>): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== MISSING) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}

/** A falling list of counts as pairs of a count and how many have it. */
function shortened(counts: readonly number[]): [number, number][] {
  const pairs: [number, number][] = [];
  for (const count of counts) {
    const last = pairs.at(-1);
    if (last?.[0] === count) last[1] += 1;
    else pairs.push([count, 1]);
  }
  return pairs;
}

function evenly<T>(sorted: readonly T[], count: number): T[] {
  return Array.from(
    { length: count },
    (_, n) => sorted[Math.floor(((n + 0.5) * sorted.length) / count)] as T,
  );
}

const TIME = /^(\d+)\/(\d+)\/(\d+) (\d+):(\d+)$/;
function minutes(text: string | undefined): number {
  const [, day, month, year, hour, minute] = (TIME.exec(text ?? '') ?? []).map(Number) as number[];
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute) / 60_000;
}

const gapsOf = (rows: readonly Row[]): number[] =>
  rows.slice(1).flatMap((row, index) => {
    const gap = minutes(row.sys_updated_at) - minutes(rows[index]?.sys_updated_at);
    return gap >= 0 ? [gap] : [];
  });

const [, , path = ''] = process.argv;
const rows = await readRows(path);
const incidents = [...Map.groupBy(rows, ({ number }) => String(number)).values()];
const lasts = incidents.map((changes) => changes.at(-1) as Row);
const column = (name: string): string[] => lasts.map((row) => String(row[name]));
const lives = incidents.map(lifeOf).sort((one, other) => one.length - other.length || (one < other ? -1 : 1));
const numberOf = (text: string): number => Number(/\d+/.exec(text)?.[0]);

const distributions = {
  credit: CREDIT,
  incidents: incidents.length,
  impactUrgency: counted(
    lasts.map(({ impact, urgency }) => `${numberOf(String(impact))}${numberOf(String(urgency))}`),
  ),
  lives: counted(evenly(lives, LIVES)),
  gapMinutes: evenly(
    incidents.flatMap(gapsOf).sort((one, other) => one - other),
    GAPS,
  ),
  categories: counted(column('category')).slice(0, 40),
  subcategories: counted(column('subcategory')).slice(0, 100),
  symptoms: counted(column('u_symptom')).slice(0, 100),
  groups: counted(column('assignment_group')).map(([, count]) => count),
  assignees: counted(column('assigned_to')).map(([, count]) => count),
  callers: shortened(counted(column('caller_id')).map(([, count]) => count)),
};
const target = join(import.meta.dirname, 'distributions.json');
const text = Object.entries(distributions).map(
  ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
);
writeFileSync(target, `{\n${text.join(',\n')}\n}\n`);
stdout.write(`${incidents.length} incidents, ${rows.length} changes\n`);
