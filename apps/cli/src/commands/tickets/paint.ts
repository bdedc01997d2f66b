import type { Paper } from '../../terminal/output.ts';

type Style = Parameters<Paper['style']>[0];

const statusStyles: Readonly<Record<string, Style>> = {
  open: 'cyan',
  in_progress: 'blue',
  on_hold: 'yellow',
  resolved: 'green',
  closed: 'dim',
  cancelled: 'dim',
};

const priorityStyles: Readonly<Record<string, Style>> = {
  urgent: ['bold', 'red'],
  high: 'red',
  low: 'dim',
};

const painted = (paper: Paper, text: string, style: Style | undefined): string =>
  style ? paper.style(style, text) : text;

/** A status in its colour. */
export const paintStatus = (paper: Paper, status: string): string =>
  painted(paper, status, statusStyles[status]);

/** A priority in its colour. */
export const paintPriority = (paper: Paper, priority: string): string =>
  painted(paper, priority, priorityStyles[priority]);
