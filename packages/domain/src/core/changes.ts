import { isDeepStrictEqual } from 'node:util';

/** What one event did to a thing: for each changed field the value before (`from`) and after (`to`); null is none. */
export type Changes = Record<string, { from: unknown; to: unknown }>;

/**
 * The fields in which two states differ.
 * @param before null when there was nothing yet: then every field that holds a value is a change from null.
 */
export function changesBetween<T extends object>(before: T | null, after: T): Changes {
  const changes: Changes = {};
  for (const [field, to] of Object.entries(after)) {
    const from: unknown = before === null ? null : before[field as keyof T];
    if (!isDeepStrictEqual(from, to)) changes[field] = { from, to };
  }
  return changes;
}
