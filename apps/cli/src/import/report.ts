import { openBar } from '../terminal/bar.ts';
import type { RenderTarget } from '../terminal/output.ts';
import { list } from '../terminal/table.ts';
import { cleanLine, shorten } from '../terminal/text.ts';
import { list as listed } from './list.ts';
import { type Conflict, type ImportSummary, OTHER_OPENING } from './run.ts';

/** How an import shows itself while it runs. */
export interface ProgressBar {
  update(summary: ImportSummary): void;
  /** A word beside the bar, until the next update. */
  trouble(text: string): void;
  stop(): void;
}

const silent: ProgressBar = { update: () => {}, trouble: () => {}, stop: () => {} };

/** A bar on standard error while somebody looks at it; nothing otherwise. */
export async function openProgress(rows: number): Promise<ProgressBar> {
  const bar = await openBar('{bar} {percentage}%  {rows} rows  {rate} rows/s  {word}');
  if (!bar) return silent;
  const began = performance.now();
  bar.start(rows, 0, { rows: 0, rate: 0, word: '' });
  return {
    update({ rowsRead }) {
      const rate = Math.round((rowsRead / (performance.now() - began)) * 1000);
      bar.update(rowsRead, { rows: rowsRead, rate, word: '' });
    },
    trouble: (text) => bar.update({ word: cleanLine(text) }),
    stop: () => bar.stop(),
  };
}

/** The table that an import ends with. */
export function drawSummary(summary: ImportSummary, target: RenderTarget): string {
  const rows = [
    ['Rows read', summary.rowsRead, ''],
    ['Tickets created', summary.ticketsCreated, ''],
    ['Events written', summary.eventsWritten, ''],
    ['Rows skipped', summary.rowsSkipped, 'taken over before'],
    ['Rows rejected', summary.rowsRejected, ''],
    [
      'Conflicts',
      summary.conflictCount,
      summary.conflictCount > 0 ? 'other here than in the source, and left so' : '',
    ],
  ] as const;
  if (target.columns === null) return rows.map(([name, count]) => `${name}\t${count}`).join('\n');
  const counts = rows.map(([, count]) => count.toLocaleString('en'));
  const width = Math.max(...counts.map((count) => count.length));
  return list(
    target,
    rows.map(([name, , remark], at) => {
      const count = counts[at]?.padStart(width) ?? '';
      return [name, remark ? `${count}  ${target.style('dim', remark)}` : count];
    }),
  );
}

/** How many rejected rows and conflicts a person is shown. */
export const SHOWN = 20;

const foreignHint =
  'Numbers of a second instance need a --source-name of their own; times of the same one the --dates and --time-zone of the import before. --overwrite goes on with the tickets that are here.';

const orderHint =
  'Parts of a log come in the order of time. Rows that are there already are known by sys_mod_count, or without it by the same columns, and in the same --time-zone.';

/** What a person must know beside the table: rows and changes that did not go in, and what the desk has no place for. */
export function drawRemarks(summary: ImportSummary): string[] {
  const { rejected, rowsRejected, conflicts, conflictCount, leftOut } = summary;
  const hint =
    'Conflicts are left as they are here; the same command with --overwrite takes what the source has.';
  const codes = new Set(rejected.map(({ code }) => code));
  return [
    ...rejected.slice(0, SHOWN).map(({ line, reason }) => `line ${line}: ${cleanLine(reason)}`),
    ...more(rowsRejected),
    ...(codes.has(OTHER_OPENING) ? [foreignHint] : []),
    ...(codes.has('import.out_of_order') ? [orderHint] : []),
    ...conflicts.slice(0, SHOWN).map(drawConflict),
    ...more(conflictCount),
    ...(conflictCount > 0 ? [hint] : []),
    ...leftOut.values.map(
      ({ column, value, became, rows }) =>
        `Not taken over: ${cleanLine(column)} "${cleanLine(value)}" of ${rows === 1 ? 'one row, which has' : `${rows} rows, which have`} ${became}.`,
    ),
    ...(leftOut.columns.length > 0
      ? [`Columns that are not taken over: ${cleanLine(listed(leftOut.columns, 60))}.`]
      : []),
  ];
}

const more = (count: number): string[] =>
  count > SHOWN ? [`… and ${count - SHOWN} more; --json lists all`] : [];

/** A token without `tickets:read` is not told what the ticket has. */
function drawConflict({ line, id, field, source, ...told }: Conflict): string {
  const here = 'kept' in told ? `is ${drawValue(told.kept)} here` : 'was changed here';
  return `line ${line}: ${cleanLine(id)}: ${field} ${here}, ${drawValue(source)} in the source`;
}

function drawValue(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  const text = Array.isArray(value)
    ? value.join(', ')
    : typeof value === 'object'
      ? named(value)
      : `${value}`;
  return shorten(cleanLine(text), 60);
}

/** A person or a team by its name, a resolution by its code and note. */
const named = (value: object): string => {
  if ('name' in value) return String(value.name);
  return Object.values(value)
    .filter((part) => typeof part === 'string')
    .join(': ');
};
