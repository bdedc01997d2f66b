import { cleanLine, moment } from '../terminal/text.ts';

const isTime = (value: string): boolean => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);

/**
 * The value of any field as people read it, also of fields that this version has never heard of: a person by name, a
 * source as `system:id`, a resolution by its code and note, tags with commas between.
 */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'string') return isTime(value) ? moment(value) : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length > 0 ? value.map(describe).join(', ') : 'none';
  return typeof value === 'object' ? describeObject(value) : String(value);
}

function describeObject(value: object): string {
  const { name, system, id, code, note } = value as Record<string, unknown>;
  if (typeof name === 'string') return cleanLine(name);
  if (typeof system === 'string') return `${system}:${id}`;
  if (typeof code === 'string') return note ? `${code}\n${note}` : code;
  return JSON.stringify(value);
}
