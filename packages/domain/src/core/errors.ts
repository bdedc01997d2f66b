/**
 * What went wrong, as far as the caller is concerned. Doors turn a kind into a status (one table, in the API);
 * the domain knows no HTTP.
 */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'invalid'
  | 'unavailable';

/** One thing wrong with an input: `path` leads to the field (`['resolution', 'code']`), `message` says what is expected. */
export interface InputFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export interface ErrorText {
  readonly kind: ErrorKind;
  /** Stable, for programs: `ticket.not_found`. Never renamed once released. */
  readonly code: string;
  /** For people. Must not name anything of the inside. */
  readonly detail: string;
  readonly faults?: readonly InputFault[];
  /** Further members of the problem, such as `allowed` for a refused transition. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An error that is meant for the caller. Anything else that is thrown is a defect and answers 500 without a word. */
export class DomainError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly faults: readonly InputFault[];
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(text: ErrorText) {
    super(text.detail);
    this.name = 'DomainError';
    this.kind = text.kind;
    this.code = text.code;
    this.faults = text.faults ?? [];
    this.extra = text.extra ?? {};
  }
}

/** An input that is well-formed but breaks a rule; `faults` lead to the fields. */
export const invalidInput = (faults: readonly InputFault[], code = 'input.invalid'): DomainError =>
  new DomainError({
    kind: 'invalid',
    code,
    detail: faults.map((fault) => fault.message).join('; ') || 'The input is not valid',
    faults,
  });

export const unauthenticated = (): DomainError =>
  new DomainError({
    kind: 'unauthenticated',
    code: 'auth.required',
    detail: 'Send a valid token as `Authorization: Bearer <token>`',
  });

export const databaseUnavailable = (cause?: unknown): DomainError => {
  const error = new DomainError({
    kind: 'unavailable',
    code: 'database.unavailable',
    detail: 'The database cannot be reached right now; try again shortly',
  });
  error.cause = cause;
  return error;
};
