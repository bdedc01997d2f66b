import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { FilledDesk } from './fill/kept.ts';
import { type Outcome, outcomes } from './goals.ts';
import { figuresOf, type Series } from './measure.ts';
import { CONNECTIONS, type Operation, peerTitles } from './operations.ts';
import { barChart, type Group } from './svg.ts';

/** All that a run has to tell. */
export interface Results {
  readonly command: string;
  readonly versions: readonly string[];
  readonly desks: readonly FilledDesk[];
  readonly operations: readonly Operation[];
  readonly series: readonly Series[];
  /** What was left out, and why. */
  readonly words: readonly string[];
  readonly rounds: number;
  readonly roundMs: number;
}

const whole = (figure: number): string => Math.round(figure).toLocaleString('en');
const fine = (figure: number): string => (Number.isNaN(figure) ? '–' : figure.toFixed(figure < 10 ? 2 : 1));
const middle = (figures: readonly number[]): number =>
  figures.toSorted((one, other) => one - other)[figures.length >> 1] ?? Number.NaN;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const goalRow = ({ text, goal, measured, reached }: Outcome): string[] => [
  text,
  goal,
  measured === null ? '–' : measured.toFixed(2),
  measured === null ? 'not measured' : reached ? 'reached' : '**not reached**',
];

const seriesRow = (series: Series): string[] => {
  const { rate, p50, p95, p99 } = figuresOf(series);
  return [
    series.size,
    peerTitles[series.peer],
    whole(rate),
    ...[p50, p95, p99].map(fine),
    fine(middle(series.cpu)),
    fine(middle(series.callerCpu)),
    whole(series.memory),
  ];
};

const HEAD = [
  'tickets',
  'by',
  'calls a second',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'server CPU ms a call',
  'caller CPU ms a call',
  'server MB',
];

function operationText({ name, title }: Operation, series: readonly Series[]): string {
  const rows = series.filter(({ operation }) => operation === name);
  return rows.length === 0 ? '' : `### ${name}: ${title}\n\n${table(HEAD, rows.map(seriesRow))}\n`;
}

/** The goals of a run, as a person reads them in a terminal or in Markdown. */
export const goalsText = ({ series, desks }: Results): string =>
  table(
    ['what', 'goal', 'measured', ''],
    outcomes(
      series,
      desks.map(({ name }) => name),
    ).map(goalRow),
  );

/** The whole of a run in Markdown. */
export function resultsText(results: Results): string {
  const { desks, operations, series, words, rounds, roundMs } = results;
  const desk = ({ name, tickets, events, bytes }: FilledDesk): string =>
    `- ${name}: ${whole(tickets)} tickets, about ${whole(events)} events, ${(bytes / 1e9).toFixed(2)} GB`;
  return `# Results

Made by \`${results.command}\`; by hand nothing is changed here. How to read it: [README.md](README.md).

- ${new Date().toISOString().slice(0, 10)}; ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${(totalmem() / 2 ** 30).toFixed(0)} GB of memory; PostgreSQL, servers and caller on the same machine
- ${results.versions.join('; ')}
${desks.map(desk).join('\n')}
- ${CONNECTIONS} connections; ${rounds} rounds of ${roundMs / 1000} s for each figure, in which all take turns; figures are medians of the rounds
${words.map((word) => `- ${word}\n`).join('')}
## Goals

Ratios within the run, round by round, of the rounds the median.

${goalsText(results)}

## Pictures

${desks.map(({ name }) => `![Calls a second at ${name}](throughput-${name}.svg)`).join('\n\n')}

![Median time of an answer by size](latency.svg)

## Figures

${operations
  .map((operation) => operationText(operation, series))
  .filter(Boolean)
  .join('\n')}`;
}

function throughputOf({ operations, series }: Results, size: string): Group[] {
  return operations.flatMap(({ name, title }) => {
    const bars = series
      .filter((one) => one.operation === name && one.size === size)
      .map((one) => {
        const { rate } = figuresOf(one);
        const ours = one.peer !== 'floor' && one.peer !== 'fastapi';
        return { label: peerTitles[one.peer], value: rate, text: whole(rate), ours };
      });
    return bars.length > 0 ? [{ title: `${name}: ${title}`, bars }] : [];
  });
}

function latencyOf({ operations, series }: Results): Group[] {
  return operations.flatMap(({ name, title }) => {
    const bars = series
      .filter((one) => one.operation === name && one.peer === 'rest')
      .map((one) => {
        const { p50 } = figuresOf(one);
        return { label: `${one.size} tickets`, value: p50, text: `${fine(p50)} ms`, ours: true };
      });
    return bars.length > 0 ? [{ title: `${name}: ${title}`, bars }] : [];
  });
}

/** Writes `RESULTS.md` and its pictures. */
export function publish(results: Results): void {
  const write = (name: string, text: string): void => writeFileSync(join(import.meta.dirname, name), text);
  const note = `${CONNECTIONS} connections, one process each; longer is better`;
  write('RESULTS.md', resultsText(results));
  for (const { name } of results.desks)
    write(
      `throughput-${name}.svg`,
      barChart(`Calls a second, ${name} tickets`, note, throughputOf(results, name)),
    );
  write(
    'latency.svg',
    barChart(
      'Median time of a REST answer',
      `${CONNECTIONS} connections; shorter is better`,
      latencyOf(results),
    ),
  );
}
