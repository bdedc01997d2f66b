import { openBar } from '../terminal/bar.ts';
import type { Paper } from '../terminal/output.ts';
import { list } from '../terminal/table.ts';
import { cleanLine } from '../terminal/text.ts';
import type { ImportSummary } from './run.ts';
import type { SourceFile } from './source.ts';

/** How an import shows itself while it runs. */
export interface ProgressBar {
  update(summary: ImportSummary): void;
  /** A word beside the bar, until the next update. */
  trouble(text: string): void;
  stop(): void;
}

const silent: ProgressBar = { update: () => {}, trouble: () => {}, stop: () => {} };

/** A bar on standard error while somebody looks at it; nothing otherwise. */
export async function openProgress(file: SourceFile): Promise<ProgressBar> {
  const bar = await openBar('{bar} {percentage}%  {rows} rows  {rate} rows/s  {word}');
  if (!bar) return silent;
  const began = performance.now();
  bar.start(file.size, 0, { rows: 0, rate: 0, word: '' });
  return {
    update({ rowsRead }) {
      const rate = Math.round((rowsRead / (performance.now() - began)) * 1000);
      bar.update(file.bytesRead(), { rows: rowsRead, rate, word: '' });
    },
    trouble: (text) => bar.update({ word: cleanLine(text) }),
    stop: () => bar.stop(),
  };
}

/** The table that an import ends with. */
export function drawSummary(summary: ImportSummary, paper: Paper): string {
  const rows = [
    ['Rows read', summary.rowsRead, ''],
    ['Tickets created', summary.ticketsCreated, ''],
    ['Events written', summary.eventsWritten, ''],
    ['Rows skipped', summary.rowsSkipped, 'taken over before'],
    ['Rows rejected', summary.rowsRejected, ''],
  ] as const;
  if (paper.columns === null) return rows.map(([name, count]) => `${name}\t${count}`).join('\n');
  const counts = rows.map(([, count]) => count.toLocaleString('en'));
  const width = Math.max(...counts.map((count) => count.length));
  return list(
    paper,
    rows.map(([name, , remark], at) => {
      const count = counts[at]?.padStart(width) ?? '';
      return [name, remark ? `${count}  ${paper.style('dim', remark)}` : count];
    }),
  );
}

/** How many rejected rows a person is shown. */
export const SHOWN = 20;

/** The rejected rows, one a line; of very many only the first. */
export function drawRejected({ rejected, rowsRejected }: ImportSummary): string {
  const more = rowsRejected - SHOWN;
  return [
    ...rejected.slice(0, SHOWN).map(({ line, reason }) => `line ${line}: ${cleanLine(reason)}`),
    ...(more > 0 ? [`… and ${more} more; --json lists all`] : []),
  ].join('\n');
}
