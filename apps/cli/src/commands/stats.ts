import type { Inputs, Outputs } from '@tocsin/client';
import type { Command } from 'commander';
import type { Shell } from '../shell.ts';
import { bar, duration } from '../terminal/chart.ts';
import type { RenderTarget } from '../terminal/output.ts';
import { type Column, tableOf } from '../terminal/table.ts';
import { cleanLine } from '../terminal/text.ts';
import { examples } from './help.ts';
import { naming } from './names.ts';
import { choiceOption, given, valuesOf } from './options.ts';
import { priorities } from './tickets/values.ts';
import { when, whenHint } from './when.ts';

type Asked = Extract<Inputs['analytics']['tickets'], object>;
type Answer = Outputs['analytics']['tickets'];
type Row = Answer['rows'][number];
type Division = Answer['by'];

const divisions = valuesOf<Division>({ day: true, week: true, team: true, service: true, priority: true });

/** `tocsin stats` */
export function addStats(program: Command, shell: Shell): void {
  program
    .command('stats')
    .option(
      '--from <day>',
      `the first day (UTC): ${whenHint}; 30 days before the end unless told otherwise`,
      when('before'),
    )
    .option('--to <day>', 'the day after the last one; tomorrow unless told otherwise', when('before'))
    .addOption(choiceOption('--by <what>', 'a row for each', divisions).default('day'))
    .option('--team <team>', `of this team only, by day or week: ${naming.team}, me (yours) or none`)
    .option('--service <service>', `of this service only, by day or week: ${naming.service}, or none`)
    .addOption(choiceOption('--priority <priority>', 'of this priority only, by day or week', priorities))
    .summary('show the figures of the desk')
    .description(
      'Shows what was opened, resolved, reopened and reassigned, the backlog, and how long it took to resolve, of the ' +
        'tickets that you may see (docs/analytics.md). In a pipe a row is the day, week or name, then opened, resolved, ' +
        'reopened, reassigned, backlog, and the mean, median and 90 % of the time to resolve in seconds.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin stats',
        'tocsin stats --by week --from 12w --team Network',
        'tocsin stats --by team --from 2026-01 --to 2026-02 --json',
      ),
    )
    .action(async (options: Asked, command: Command) => {
      const { client } = await shell.connect(command);
      const output = shell.output(command);
      const answer = await client.analytics.tickets.query(given(options));
      output.answer(answer, draw);
      if (answer.estimated)
        output.note('So many were resolved that median and 90 % are those of one ticket in sixteen.');
    });
}

const count = (number: number): string => number.toLocaleString('en');

function draw(answer: Answer, target: RenderTarget): string {
  if (target.columns === null) return tableOf(target, answer.rows, plainColumns);
  const last = new Date(Date.parse(answer.to) - 86_400_000).toISOString().slice(0, 10);
  return [
    `${target.style('bold', `${answer.from} to ${last}`)} (UTC)`,
    summaryOf(answer.total),
    '',
    tableOf(target, answer.rows, columnsOf(answer, target)) || 'Nothing happened in this time.',
  ].join('\n');
}

function summaryOf({
  opened,
  resolved,
  reopened,
  reassigned,
  backlog,
  timeToResolve,
}: Answer['total']): string {
  const happened = `${count(opened)} opened, ${count(resolved)} resolved, ${count(reopened)} reopened, ${count(reassigned)} reassigned; backlog ${count(backlog)}.`;
  if (!timeToResolve) return happened;
  const { mean, median, p90 } = timeToResolve;
  return `${happened}\nResolved after ${duration(median)} (median), ${duration(mean)} (mean); nine of ten within ${duration(p90)}.`;
}

const heads: Readonly<Record<Division, string>> = {
  day: 'Day',
  week: 'Week of',
  team: 'Team',
  service: 'Service',
  priority: 'Priority',
};
const nameOf = ({ key, name }: Row): string => cleanLine(name ?? key ?? 'none');

/** What programs read: whole seconds, and nothing for none. */
const plainColumns: readonly Column<Row>[] = [
  { head: 'Key', cell: ({ key, name }) => name ?? key ?? 'none' },
  ...(['opened', 'resolved', 'reopened', 'reassigned', 'backlog'] as const).map((field) => ({
    head: field,
    cell: (row: Row) => String(row[field]),
  })),
  ...(['mean', 'median', 'p90'] as const).map((field) => ({
    head: field,
    cell: ({ timeToResolve }: Row) => (timeToResolve ? String(Math.round(timeToResolve[field])) : ''),
  })),
];

const BAR = 10;

/** Figures with their bars; where the terminal is narrow, the last bars go first. */
function columnsOf({ rows, by }: Answer, target: RenderTarget): Column<Row>[] {
  const charted = (
    head: string,
    field: 'opened' | 'resolved' | 'backlog',
    style: 'cyan' | 'green' | 'yellow',
  ) => {
    const most = Math.max(...rows.map((row) => row[field]));
    const width = Math.max(head.length, count(most).length);
    return [
      { head: head.padStart(width), cell: (row: Row) => count(row[field]).padStart(width) },
      {
        head: '',
        cell: (row: Row) => bar(row[field] / most, BAR),
        paint: (cell: string) => target.style(style, cell),
        spare: true,
      },
    ];
  };
  const took = (field: 'median' | 'p90') => (row: Row) =>
    row.timeToResolve ? duration(row.timeToResolve[field]) : '';
  const figure = (head: string, field: 'reopened' | 'reassigned'): Column<Row> => ({
    head,
    cell: (row) => count(row[field]).padStart(head.length),
    spare: true,
  });
  return [
    { head: heads[by], cell: nameOf, flexible: 'cut' },
    ...charted('Opened', 'opened', 'cyan'),
    ...charted('Resolved', 'resolved', 'green'),
    ...charted('Backlog', 'backlog', 'yellow'),
    { head: 'Median', cell: took('median') },
    { head: '90 %', cell: took('p90'), spare: true },
    figure('Reopened', 'reopened'),
    figure('Reassigned', 'reassigned'),
  ];
}
