import Table from 'cli-table3';
import stringWidth from 'string-width';
import type { RenderTarget } from './output.ts';
import { cleanLine } from './text.ts';

export interface TableText {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The column that gives way when the terminal is too narrow. */
  readonly flexible: number;
  /** True where the flexible column goes on in the next line; otherwise it is cut. */
  readonly wrap?: boolean;
  /** How a cell of a column is coloured. */
  readonly paint?: (cell: string, column: number) => string;
}

const GAP = '  ';
const NARROWEST = 12;
const noBorders = {
  ...Object.fromEntries(
    ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
      [side, ''],
      [`${side}-left`, ''],
      [`${side}-right`, ''],
      [`${side}-mid`, ''],
    ]),
  ),
  'mid-mid': '',
  middle: GAP,
};

/** Rows in columns: with a head and cut to the width on a terminal, tab-separated without a head in a pipe. */
export function table(target: RenderTarget, text: TableText): string {
  const rows = text.rows.map((row) => row.map(cleanLine));
  if (target.columns === null) return rows.map((row) => row.join('\t')).join('\n');
  const { head, flexible, wrap = false, paint = (cell: string) => cell } = text;
  const drawn = new Table({
    head: head.map((cell) => target.style('bold', cell)),
    chars: noBorders,
    wordWrap: wrap,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colWidths: head.map((_, column) => (column === flexible ? roomLeft(target.columns, text) : null)),
  });
  drawn.push(...rows.map((row) => row.map(paint)));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** What the other columns leave of the terminal to the flexible one. */
function roomLeft(columns: number | null, { head, rows, flexible }: TableText): number {
  const widths = head.map((cell, column) =>
    Math.max(...[cell, ...rows.map((row) => row[column] ?? '')].map((text) => stringWidth(text))),
  );
  const others = widths.reduce(
    (sum, width, column) => sum + (column === flexible ? 0 : width + GAP.length),
    0,
  );
  const own = widths[flexible] ?? NARROWEST;
  return Math.max(NARROWEST, Math.min(own, (columns ?? 80) - others));
}

/** A column of a list of things. */
export interface Column<T> {
  readonly head: string;
  readonly cell: (item: T) => string;
  readonly paint?: (cell: string) => string;
  /** Left out where a terminal is too narrow for every column; of several the last one first. */
  readonly spare?: boolean;
  /** The one column that gives way when the terminal is too narrow: cut, or going on in the next line. */
  readonly flexible?: 'cut' | 'wrap';
}

/** A list of things in columns; nothing for none. In a pipe every column is there, whatever the width. */
export function tableOf<T>(target: RenderTarget, items: readonly T[], columns: readonly Column<T>[]): string {
  if (items.length === 0) return '';
  const shown = target.columns === null ? columns : fitting(target.columns, items, columns);
  return table(target, {
    head: shown.map(({ head }) => head),
    rows: items.map((item) => shown.map(({ cell }) => cell(item))),
    flexible: shown.findIndex(({ flexible }) => flexible),
    wrap: shown.some(({ flexible }) => flexible === 'wrap'),
    paint: (text, at) => shown[at]?.paint?.(text) ?? text,
  });
}

/** The columns without as many spare ones as it takes for the others to have room. */
function fitting<T>(room: number, items: readonly T[], columns: readonly Column<T>[]): readonly Column<T>[] {
  const widthOf = ({ head, cell, flexible }: Column<T>): number => {
    const width = Math.max(head.length, ...items.map((item) => stringWidth(cleanLine(cell(item)))));
    return flexible ? Math.min(width, NARROWEST) : width;
  };
  const needed = columns.reduce((sum, column) => sum + widthOf(column) + GAP.length, -GAP.length);
  const last = columns.findLastIndex(({ spare }) => spare);
  return needed <= room || last === -1 ? columns : fitting(room, items, columns.toSpliced(last, 1));
}

/** Names and their values below one another. */
export function list(target: RenderTarget, pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  const indent = `\n${' '.repeat(width + GAP.length)}`;
  return pairs
    .map(([name, value]) => {
      const heading = target.style('dim', name.padEnd(width));
      return `${heading}${GAP}${value.replaceAll('\n', indent)}`;
    })
    .join('\n');
}
