import { createMongoAbility, type MongoAbility, subject as tagged } from '@casl/ability';
import { type Columns, conditionOf } from './ability-sql.ts';
import type { SqlCondition } from './sql-condition.ts';

/** From the least to the most trusted; an auditor reads everything and changes nothing. */
export const roles = ['requester', 'agent', 'lead', 'admin', 'auditor'] as const;
export type Role = (typeof roles)[number];

/** What may be done to something. */
export type Action = 'create' | 'read' | 'edit' | 'move' | 'delete' | 'revoke' | 'append';
/** What rules are about. */
export type SubjectName =
  | 'Ticket'
  | 'User'
  | 'Team'
  | 'Service'
  | 'Token'
  | 'AuditEntry'
  | 'History'
  | 'View'
  | 'Metrics';

/** The user that a list of rules is for. */
export interface Principal {
  readonly id: string;
  readonly role: Role;
  readonly teamIds: readonly string[];
}

type Value = string | boolean | number | null;
/** What must hold of a row: a field is a value, is not, is one of several, is none of them. */
export type Conditions = Readonly<
  Record<
    string,
    Value | { readonly $in: readonly Value[] } | { readonly $nin: readonly Value[] } | { readonly $ne: Value }
  >
>;

/** Allows an action. Without `fields` it is for every field, without `conditions` for every row. */
export interface Rule {
  readonly action: Action;
  readonly subject: SubjectName;
  readonly fields?: readonly string[];
  readonly conditions?: Conditions;
  /** Takes away what an earlier rule has given. */
  readonly inverted?: boolean;
}

/** The rules of one feature, as data, for one person. */
export type RulesFor = (principal: Principal) => readonly Rule[];

type Facts = object;

/**
 * What one person may do. Made once for each person and kept.
 *
 * There is one list of rules and two readers of it: `can` for a row that is there, `where` for the rows of a list. A
 * question about a row always names the row, and about a field the field: "any row" is what only `mightEver` asks.
 */
export class Ability {
  readonly rules: readonly Rule[];
  readonly #casl: MongoAbility;
  readonly #conditions = new Map<string, SqlCondition>();

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    this.#casl = createMongoAbility(
      rules.map((rule) => ({ ...rule, ...(rule.fields ? { fields: [...rule.fields] } : {}) })) as never,
    );
  }

  /** Whether there can be a row for which this is allowed; a gate, never the permission itself. */
  mightEver(action: Action, subject: SubjectName): boolean {
    return this.#casl.can(action, subject);
  }

  /** Whether it is allowed for this row (whole: every field that conditions name is there) and, if given, this field. */
  can(action: Action, subject: SubjectName, { row, field }: { row: Facts; field?: string }): boolean {
    return this.#casl.can(action, tagged(subject, { ...row }) as never, field);
  }

  /** Which of these fields it is not allowed for. */
  refusedFields(
    action: Action,
    subject: SubjectName,
    { row, fields }: { row: Facts; fields: readonly string[] },
  ): string[] {
    return fields.filter((field) => !this.can(action, subject, { row, field }));
  }

  /**
   * The rows for which it is allowed, as a condition in SQL that is true exactly where `can` is.
   * @param columns where the fields of conditions stand, always the same for a subject; a condition on any other field is a defect, and throws
   */
  where(
    action: Action,
    subject: SubjectName,
    { columns, field }: { columns: Columns; field?: string },
  ): SqlCondition {
    const key = `${action} ${subject} ${field ?? ''}`;
    const known = this.#conditions.get(key);
    if (known) return known;
    const condition = conditionOf(this.#casl.rulesFor(action, subject, field), columns);
    this.#conditions.set(key, condition);
    return condition;
  }
}
