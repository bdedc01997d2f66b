import { all, any, everything, not, nothing, type SqlCondition } from './sql-condition.ts';

/** What CASL makes of a rule's conditions: a comparison of a field, or several conditions together. */
interface Condition {
  readonly operator: string;
  readonly value: unknown;
  readonly field?: unknown;
}

/** The column (with its table, where there are several) of each field that a condition may name. */
export type Columns = Readonly<Record<string, string>>;

/** What is read here of a rule of CASL. */
interface CaslRule {
  readonly inverted: boolean;
  readonly ast: Condition | undefined;
}

/**
 * The rows that a list of rules allows. Of the rules that match a row the last one decides, as in CASL; so the condition
 * grows from the first to the last: a rule that allows adds its rows, one that forbids takes its rows away.
 * @param rules from the last to the first, as CASL gives them
 * @throws Error for a field without a column and an operator that has no meaning here
 */
export const conditionOf = (rules: readonly CaslRule[], columns: Columns): SqlCondition =>
  rules.toReversed().reduce((allowed, rule) => {
    const matching = rule.ast ? translate(rule.ast, columns) : everything;
    return rule.inverted ? all([allowed, not(matching)]) : any([allowed, matching]);
  }, nothing);

function translate(condition: Condition, columns: Columns): SqlCondition {
  const { operator, value, field } = condition;
  if (typeof field !== 'string') {
    const parts = (value as Condition[]).map((part) => translate(part, columns));
    if (operator === 'and') return all(parts);
    throw new Error(`A permission cannot be asked of the database by ${operator}`);
  }
  if (!Object.hasOwn(columns, field)) throw new Error(`A permission stands on ${field}, which has no column`);
  return compare(String(columns[field]), operator, value);
}

function compare(column: string, operator: string, value: unknown): SqlCondition {
  switch (operator) {
    case 'eq':
      return isOneOf(column, [value]);
    case 'ne':
      return not(isOneOf(column, [value]));
    case 'in':
      return isOneOf(column, value as unknown[]);
    case 'nin':
      return not(isOneOf(column, value as unknown[]));
    default:
      throw new Error(`A permission cannot be asked of the database by ${operator}`);
  }
}

/** Equality that an index can answer; `is not null` beside it keeps it from being null itself. */
function isOneOf(column: string, values: readonly unknown[]): SqlCondition {
  if (values.includes(undefined)) throw new Error(`A permission on ${column} has no value`);
  const known = values.filter((value) => value !== null) as (string | number | boolean)[];
  const parts: SqlCondition[] = [];
  if (known.length > 0) {
    const places = known.map(() => '?').join(', ');
    parts.push({ sql: `(${column} is not null and ${column} in (${places}))`, bindings: known });
  }
  if (known.length < values.length) parts.push({ sql: `(${column} is null)`, bindings: [] });
  return any(parts);
}
