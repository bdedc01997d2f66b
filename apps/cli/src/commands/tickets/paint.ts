import type { RenderTarget } from '../../terminal/output.ts';

type Style = Parameters<RenderTarget['style']>[0];

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

const painted = (target: RenderTarget, text: string, style: Style | undefined): string =>
  style ? target.style(style, text) : text;

/** A status in its colour. */
export const paintStatus = (target: RenderTarget, status: string): string =>
  painted(target, status, statusStyles[status]);

/** A priority in its colour. */
export const paintPriority = (target: RenderTarget, priority: string): string =>
  painted(target, priority, priorityStyles[priority]);
