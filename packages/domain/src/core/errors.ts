import { type ProblemCode, type ProblemCodeOf, type ProblemKind, problems } from '@tocsin/schema';

/** One thing wrong with an input: `path` leads to the field (`['resolution', 'code']`), `message` says what is expected. */
export interface InputFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** How often something may be done, and in how many seconds it can be done again. */
export interface Limit {
  readonly most: number;
  readonly seconds: number;
}

export interface ErrorText {
  readonly code: ProblemCode;
  /** For people. Must not name anything of the inside. */
  readonly detail: string;
  readonly faults?: readonly InputFault[];
  /** Further members of the problem, such as `allowed` for a refused transition. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly limit?: Limit;
  /** The detail, without `extra`, for a token that may not read what the error is about. */
  readonly discreetDetail?: string;
}

/** An error that is meant for the caller. Anything else that is thrown is a defect and answers 500 without a word. */
export class DomainError extends Error {
  readonly kind: ProblemKind;
  readonly code: ProblemCode;
  readonly faults: readonly InputFault[];
  readonly extra: Readonly<Record<string, unknown>>;
  readonly limit: Limit | null;
  readonly #text: ErrorText;

  constructor(text: ErrorText) {
    super(text.detail);
    this.#text = text;
    this.name = 'DomainError';
    this.kind = problems[text.code].kind;
    this.code = text.code;
    this.faults = text.faults ?? [];
    this.extra = text.extra ?? {};
    this.limit = text.limit ?? null;
  }

  /** The same error without what only those may know who may read what it is about. */
  discreet(): DomainError {
    const { discreetDetail: detail, ...text } = this.#text;
    return detail === undefined ? this : new DomainError({ ...text, detail, extra: {} });
  }
}

/** An input that is well-formed but breaks a rule; `faults` lead to the fields. */
export const invalidInput = (
  faults: readonly InputFault[],
  code: ProblemCodeOf<'invalid'> = 'input.invalid',
): DomainError =>
  new DomainError({
    code,
    detail: faults.map((fault) => fault.message).join('; ') || 'The input is not valid',
    faults,
  });

export const unauthenticated = (): DomainError =>
  new DomainError({
    code: 'auth.required',
    detail: 'Send a valid token as `Authorization: Bearer <token>`',
  });

/** What the caller may not do at all, or not with this token. */
export const forbidden = (
  code: ProblemCodeOf<'forbidden'>,
  detail: string,
  faults: readonly InputFault[] = [],
): DomainError => new DomainError({ code, detail, faults });

/** Fields that the caller may not set; nothing of the request is applied. */
export const fieldsForbidden = (fields: readonly string[]): DomainError =>
  forbidden(
    'permission.field_denied',
    `You may not set ${fields.join(', ')}`,
    fields.map((field) => ({ path: [field], message: 'You may not set this field' })),
  );

/** Something was tried too often. */
export const tooManyTries = (code: ProblemCodeOf<'limited'>, detail: string, limit: Limit): DomainError =>
  new DomainError({ code, detail, limit });

const unavailable = (code: ProblemCodeOf<'unavailable'>, detail: string, cause: unknown): DomainError => {
  const error = new DomainError({ code, detail });
  error.cause = cause;
  return error;
};

export const databaseUnavailable = (cause?: unknown): DomainError =>
  unavailable(
    'database.unavailable',
    'The database is away or has too much to do right now; try again shortly',
    cause,
  );

/** The database is there, and lets no connection of this server in. */
export const databaseRefuses = (cause: unknown): DomainError =>
  unavailable(
    'database.unavailable',
    'The database refuses the connections of this server: the account, the password or the name in DATABASE_URL is not ' +
      'right, or no longer; the log of the server has the reason',
    cause,
  );

/** Too many change the same thing at once, or one holds it for too long; nothing was written. */
export const writeContended = (cause?: unknown): DomainError =>
  unavailable(
    'write.contended',
    'Others are changing the same thing right now; nothing was written, so try again shortly',
    cause,
  );

export const databaseNotMigrated = (cause?: unknown): DomainError =>
  unavailable(
    'database.not_migrated',
    'The database has not the schema of this version yet; `tocsin db migrate` brings it there',
    cause,
  );

/** A server or a database on which a desk cannot live; `detail` says what to do. */
export const databaseUnsupported = (detail: string): DomainError =>
  new DomainError({ code: 'database.unsupported', detail });

/** This account only serves; somebody who owns the tables has to migrate. */
export const migrationForbidden = (account: string, pending: readonly string[]): DomainError =>
  unavailable(
    'database.not_migrated',
    `The schema lacks ${pending.join(', ')}, and the account ${account} may not change it; run ` +
      '`tocsin db migrate` with the URL of an account that owns the tables',
    undefined,
  );

/** The tables are there, and this account lacks rights to them. */
export const databaseNotGranted = (cause: unknown): DomainError =>
  unavailable(
    'database.not_granted',
    'The account of DATABASE_URL lacks rights to the tables of this desk; run `tocsin db grant ROLE` with the URL of the ' +
      'account that owns them',
    cause,
  );
