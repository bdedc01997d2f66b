import type { RenderTarget } from '../terminal/output.ts';
import { list } from '../terminal/table.ts';
import { cleanLine, label } from '../terminal/text.ts';
import { describe } from './describe.ts';

interface Layout {
  /** What stands above the fields. */
  readonly heading: string;
  /** Fields that are not listed: the heading has them, or another place. */
  readonly apart: readonly string[];
  /** How the text of a field is coloured. */
  readonly paint?: (field: string, text: string) => string;
}

/** Everything that the desk says of one thing, also in fields that this version has never heard of. */
export function drawRecord(record: object, target: RenderTarget, { heading, apart, paint }: Layout): string {
  const fields = Object.entries(record).filter(([field]) => !apart.includes(field));
  const pairs = fields.map(([field, value]) => {
    const text = describe(value);
    return [label(field), paint?.(field, text) ?? text] as const;
  });
  return [heading, '', list(target, pairs)].join('\n');
}

/** A thing that its name stands above. */
export const drawNamed = (record: { readonly name: string }, target: RenderTarget): string =>
  drawRecord(record, target, { heading: target.style('bold', cleanLine(record.name)), apart: ['name'] });
