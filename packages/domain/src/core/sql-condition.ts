/** A value of a condition; a list is one value, for `= any(?)`. */
export type Binding = string | number | boolean | string[];

/** A condition for `whereRaw`: never null, so that NOT and OR mean what they say. */
export interface SqlCondition {
  readonly sql: string;
  readonly bindings: readonly Binding[];
}

/** No row. */
export const nothing: SqlCondition = { sql: 'false', bindings: [] };
/** Every row. */
export const everything: SqlCondition = { sql: 'true', bindings: [] };

const join = (word: string, parts: readonly SqlCondition[]): SqlCondition => ({
  sql: parts.length === 1 ? String(parts[0]?.sql) : `(${parts.map(({ sql }) => sql).join(` ${word} `)})`,
  bindings: parts.flatMap(({ bindings }) => bindings),
});

/** True where at least one of these is. */
export function any(parts: readonly SqlCondition[]): SqlCondition {
  if (parts.some(({ sql }) => sql === 'true')) return everything;
  const left = parts.filter(({ sql }) => sql !== 'false');
  return left.length > 0 ? join('or', left) : nothing;
}

/** True where all of these are. */
export function all(parts: readonly SqlCondition[]): SqlCondition {
  if (parts.some(({ sql }) => sql === 'false')) return nothing;
  const left = parts.filter(({ sql }) => sql !== 'true');
  return left.length > 0 ? join('and', left) : everything;
}

/** True where this is not. */
export function not(part: SqlCondition): SqlCondition {
  if (part.sql === 'true') return nothing;
  return part.sql === 'false' ? everything : { sql: `(not ${part.sql})`, bindings: part.bindings };
}
