import type { ProblemKind } from './problem-kinds.ts';

/** What a problem code stands for. */
export interface ProblemDescription {
  readonly kind: ProblemKind;
  /** What happened, as a sentence. */
  readonly meaning: string;
  /** What the caller does next, as a sentence. */
  readonly remedy: string;
  /** True where only `tocsin` at a terminal of the server meets it, and no HTTP answer has it. */
  readonly local?: true;
}

const RETRY = 'Send the request again after a short pause; a write with the same `Idempotency-Key`.';
const OTHER_NAME = 'Choose another name.';
const OTHER_BACKUP = 'Use another backup. Nothing was restored.';
const CHECK_ID = 'Check the id. It may belong to something that your role or your teams do not let you read.';

/** Every problem code of a desk. A code is stable: programs compare it, so it is never renamed. */
export const problems = {
  'auth.required': {
    kind: 'unauthenticated',
    meaning: 'The request has no token, or one that is unknown, expired or revoked.',
    remedy:
      'Log in (`POST /sessions`, `tocsin login`) or create a token, and send it as `Authorization: Bearer`.',
  },
  'backup.damaged': {
    kind: 'invalid',
    local: true,
    meaning: 'The file of the backup is cut off, or its contents do not match their checksums.',
    remedy: OTHER_BACKUP,
  },
  'backup.desk_not_empty': {
    kind: 'conflict',
    local: true,
    meaning: 'The database that the backup is restored to has data in it.',
    remedy: 'Restore to an empty database, or give up the data that is there with `--replace`.',
  },
  'backup.desk_served': {
    kind: 'conflict',
    local: true,
    meaning: 'A server or another program is connected to the database.',
    remedy: 'Stop the server, then restore.',
  },
  'backup.file_exists': {
    kind: 'conflict',
    local: true,
    meaning: 'The file that the backup is written to exists.',
    remedy: 'Name another file, or overwrite it with `--force`.',
  },
  'backup.inconsistent': {
    kind: 'invalid',
    local: true,
    meaning: 'Rows of the backup break rules of the schema, so that they were changed outside of Tocsin.',
    remedy: OTHER_BACKUP,
  },
  'backup.not_a_backup': {
    kind: 'invalid',
    local: true,
    meaning: 'The file is not a backup of a desk.',
    remedy: 'Name a file that `tocsin db backup` wrote.',
  },
  'backup.not_a_file': {
    kind: 'conflict',
    local: true,
    meaning: 'The path is a folder, a device or a symbolic link, which a backup does not replace.',
    remedy: 'Name a regular file.',
  },
  'backup.number_taken': {
    kind: 'conflict',
    local: true,
    meaning: '`--next-number` is not above every ticket number that was given already.',
    remedy: 'Name the number that the message proposes, or a higher one.',
  },
  'backup.number_too_high': {
    kind: 'invalid',
    local: true,
    meaning: '`--next-number` leaves too few numbers for further tickets.',
    remedy: 'Name the number that the message proposes, or a lower one.',
  },
  'backup.schema_differs': {
    kind: 'invalid',
    local: true,
    meaning: 'The tables or migrations of the backup are not those that its version creates.',
    remedy: OTHER_BACKUP,
  },
  'backup.too_new': {
    kind: 'invalid',
    local: true,
    meaning: 'The backup was made by a newer version of Tocsin.',
    remedy: 'Restore it with that version or a newer one.',
  },
  'backup.unreachable': {
    kind: 'not_found',
    local: true,
    meaning: 'The file or its folder cannot be read or written.',
    remedy: 'Check the path, its permissions and the free space.',
  },
  'cursor.invalid': {
    kind: 'malformed',
    meaning: 'The cursor was not issued by this operation with these parameters.',
    remedy: 'Start from the first page, or send the `nextCursor` unchanged with the same parameters.',
  },
  'database.not_granted': {
    kind: 'unavailable',
    meaning: 'The database role of `DATABASE_URL` may not read the tables.',
    remedy: 'Run `tocsin db grant ROLE` with the URL of the role that owns them.',
  },
  'database.not_migrated': {
    kind: 'unavailable',
    meaning: 'The schema of the database is older than this version of Tocsin.',
    remedy: 'Run `tocsin db migrate`.',
  },
  'database.unavailable': {
    kind: 'unavailable',
    meaning: 'The database is unreachable, read-only, out of space or overloaded.',
    remedy: RETRY,
  },
  'database.unsupported': {
    kind: 'invalid',
    local: true,
    meaning: 'The version, the encoding or the locale of the PostgreSQL is not supported.',
    remedy: 'Use PostgreSQL 15 or later with a UTF8 database.',
  },
  'idempotency.in_progress': {
    kind: 'conflict',
    meaning: 'A request with this `Idempotency-Key` has not finished yet.',
    remedy: 'Send the same request again after a short pause.',
  },
  'idempotency.key_reused': {
    kind: 'invalid',
    meaning: 'This `Idempotency-Key` was used for a request with another operation or body.',
    remedy: 'Create a new key for each new request.',
  },
  'idempotency.not_in_a_batch': {
    kind: 'invalid',
    meaning: 'A batch of several calls has an `Idempotency-Key`, which belongs to one call.',
    remedy: 'Send the call that needs the key by itself.',
  },
  'idempotency.secret_ended': {
    kind: 'conflict',
    meaning: 'The first answer to this `Idempotency-Key` held a token that is no longer valid.',
    remedy: 'Send the request with a new key.',
  },
  'import.creation_missing': {
    kind: 'conflict',
    meaning: 'The history of an imported ticket does not begin with its creation.',
    remedy: 'Include the first entry of the ticket.',
  },
  'import.in_future': {
    kind: 'conflict',
    meaning: 'An imported entry is dated in the future.',
    remedy: 'Check the time zone of the source and the clock of the server.',
  },
  'import.other_opening': {
    kind: 'conflict',
    meaning: 'The number belongs to a ticket that was opened at another time.',
    remedy: 'Name the second source with `--source-name`, so that equal numbers stay apart.',
  },
  'import.out_of_order': {
    kind: 'conflict',
    meaning: 'The entry is older than entries of its ticket that were imported before.',
    remedy: 'Import a history from its oldest entry to its newest.',
  },
  'input.invalid': {
    kind: 'invalid',
    meaning: 'A field is missing, unknown or has a value that is not allowed.',
    remedy: 'Correct the fields that `errors` lists.',
  },
  internal: {
    kind: 'internal',
    meaning: 'The server failed. It does not know whether a write was carried out.',
    remedy:
      'Look for the `requestId` in the log of the server; send a write again with the same `Idempotency-Key`.',
  },
  'metrics.unavailable': {
    kind: 'unavailable',
    meaning: 'A worker process did not report its metrics in time.',
    remedy: RETRY,
  },
  'password.weak': {
    kind: 'invalid',
    meaning: 'The password is too short, too common or contains the name or address of its owner.',
    remedy: 'Choose another password; `errors` says what is wrong with this one.',
  },
  'password.wrong': {
    kind: 'invalid',
    meaning: 'The current password in a change of password is wrong.',
    remedy: 'Enter the current password again, or have it reset by an administrator.',
  },
  'password_reset.invalid': {
    kind: 'invalid',
    meaning: 'The reset token is unknown, used, replaced or expired.',
    remedy: 'Ask an administrator for a new one.',
  },
  'path.not_found': {
    kind: 'not_found',
    meaning: 'No operation has this path.',
    remedy: 'Look the path up in `/docs`.',
  },
  'permission.denied': {
    kind: 'forbidden',
    meaning: 'The role of the caller does not include this operation.',
    remedy: '`GET /permissions` and `docs/permissions.md` list what each role includes.',
  },
  'permission.field_denied': {
    kind: 'forbidden',
    meaning:
      'The caller may change the resource, but not the fields that `errors` lists. Nothing was changed.',
    remedy: 'Leave these fields out, or ask somebody whose role includes them.',
  },
  'procedure.not_found': {
    kind: 'not_found',
    meaning: 'No tRPC procedure has this name.',
    remedy: 'Check the name and the version of the client.',
  },
  'query.invalid': {
    kind: 'invalid',
    meaning: 'The search query has a syntax error or an unknown value; `position` is its character, from 1.',
    remedy: 'Correct the query as the message proposes; see `docs/query-language.md`.',
  },
  'rate.limited': {
    kind: 'limited',
    meaning: 'The caller or its address sent more requests per second than allowed.',
    remedy: 'Wait for the seconds in `Retry-After`.',
  },
  'request.address_too_long': {
    kind: 'too_long',
    meaning: 'The URL is longer than 8,000 characters.',
    remedy: 'Shorten the query.',
  },
  'request.expectation_failed': {
    kind: 'expectation',
    meaning: 'The `Expect` header is not `100-continue`.',
    remedy: 'Leave `Expect` out.',
  },
  'request.malformed': {
    kind: 'malformed',
    meaning: 'The request, its JSON or one of its headers cannot be parsed.',
    remedy: 'Correct the syntax; the body is JSON in UTF-8.',
  },
  'request.headers_too_large': {
    kind: 'headers_too_large',
    meaning: 'The headers of the request are larger than the server accepts.',
    remedy: 'Send fewer or shorter headers.',
  },
  'request.media_type': {
    kind: 'media_type',
    meaning: 'The body has another content type than `application/json`, or is compressed.',
    remedy: 'Send `Content-Type: application/json` without `Content-Encoding`.',
  },
  'request.method_not_allowed': {
    kind: 'method',
    meaning: 'The path exists, but not with this method.',
    remedy: 'Use a method that the `Allow` header names.',
  },
  'request.no_version': {
    kind: 'outdated',
    meaning: 'The request has `If-Match`, but the resource has no version.',
    remedy: 'Leave `If-Match` out.',
  },
  'request.not_acceptable': {
    kind: 'unacceptable',
    meaning: '`Accept` excludes `application/json`.',
    remedy: 'Accept `application/json`.',
  },
  'request.timeout': {
    kind: 'unavailable',
    meaning: 'The server did not finish within 60 seconds.',
    remedy: RETRY,
  },
  'request.too_complex': {
    kind: 'invalid',
    meaning: 'The JSON of the body is nested too deeply or has too many values.',
    remedy: 'Divide the request into smaller ones.',
  },
  'request.too_large': {
    kind: 'too_large',
    meaning: 'The body is larger than 1 MiB.',
    remedy: 'Divide the request into smaller ones.',
  },
  'request.too_slow': {
    kind: 'too_slow',
    meaning: 'The headers or the body did not arrive within 10 seconds.',
    remedy: 'Send the request again.',
  },
  'role.not_found': {
    kind: 'not_found',
    local: true,
    meaning: 'The PostgreSQL role of `tocsin db grant` does not exist.',
    remedy: 'Create the role, or correct its name.',
  },
  'role.too_powerful': {
    kind: 'conflict',
    local: true,
    meaning: 'The PostgreSQL role of `tocsin db grant` owns the tables or is a superuser.',
    remedy: 'Create a role of its own for the server.',
  },
  'row.unreadable': {
    kind: 'invalid',
    local: true,
    meaning: 'A row of an import file has a value that cannot be read.',
    remedy: 'Correct the row that the message names, and import the file again.',
  },
  'server.overloaded': {
    kind: 'unavailable',
    meaning: 'The server has too many requests under way.',
    remedy: RETRY,
  },
  'server.stopping': {
    kind: 'unavailable',
    meaning: 'The server process is shutting down.',
    remedy: RETRY,
  },
  'service.name_taken': { kind: 'conflict', meaning: 'Another service has this name.', remedy: OTHER_NAME },
  'service.not_found': {
    kind: 'not_found',
    meaning: 'The service does not exist, or the caller may not read it.',
    remedy: CHECK_ID,
  },
  'session.not_a_session': {
    kind: 'conflict',
    meaning: 'The request ends a session, but its token is an API token.',
    remedy: 'Revoke an API token by `DELETE /tokens/{id}`.',
  },
  'session.refused': {
    kind: 'unauthenticated',
    meaning: 'The email or the password is wrong, or the account cannot log in.',
    remedy: 'Check both, or have the password reset by an administrator.',
  },
  'session.too_many_attempts': {
    kind: 'limited',
    meaning: 'Too many logins failed for this account or from this network.',
    remedy: 'Wait for the seconds in `Retry-After`, or have an administrator run `tocsin users unlock`.',
  },
  'team.name_taken': { kind: 'conflict', meaning: 'Another team has this name.', remedy: OTHER_NAME },
  'team.not_found': {
    kind: 'not_found',
    meaning: 'The team does not exist, or the caller may not read it.',
    remedy: CHECK_ID,
  },
  'ticket.move_denied': {
    kind: 'forbidden',
    meaning: 'The lifecycle has this move, but the caller may not make it.',
    remedy: 'Ask a lead or an administrator; `docs/permissions.md` lists the moves of each role.',
  },
  'ticket.move_incomplete': {
    kind: 'invalid',
    meaning:
      'The move lacks the hold reason or resolution that it requires, or has one that it does not allow.',
    remedy: '`GET /tickets/lifecycle` says what each move requires.',
  },
  'ticket.not_found': {
    kind: 'not_found',
    meaning: 'The ticket does not exist, or the caller may not read it.',
    remedy: CHECK_ID,
  },
  'ticket.out_of_sight': {
    kind: 'invalid',
    meaning: 'After this write the caller could not read the restricted ticket.',
    remedy: 'Name yourself as its requester or assignee, or a team of yours.',
  },
  'ticket.transition_not_allowed': {
    kind: 'conflict',
    meaning: 'The lifecycle has no move from the current status to this one.',
    remedy: 'Move to one of the statuses in `allowed`.',
  },
  'ticket.version_mismatch': {
    kind: 'outdated',
    meaning: 'The ticket was changed since the version in `If-Match`.',
    remedy: 'Read the ticket again; `version` is its current version.',
  },
  'token.not_found': {
    kind: 'not_found',
    meaning: 'The token does not exist, or the caller may not read it.',
    remedy: CHECK_ID,
  },
  'token.scope_missing': {
    kind: 'forbidden',
    meaning: 'The scopes of the token do not include this operation.',
    remedy: 'Use a token with the scope that the message names.',
  },
  'user.cannot_log_in': {
    kind: 'conflict',
    meaning: 'The user is deactivated, a service account, or has no email, so a password is of no use.',
    remedy: 'Reset the password of an active person with an email.',
  },
  'user.email_taken': {
    kind: 'conflict',
    meaning: 'Another user has this email.',
    remedy: 'Use another email, or change the existing user.',
  },
  'user.last_administrator': {
    kind: 'conflict',
    meaning: 'The change would leave the desk without an active administrator.',
    remedy: 'Make another user an administrator first.',
  },
  'user.not_found': {
    kind: 'not_found',
    meaning: 'The user does not exist, or the caller may not read them.',
    remedy: CHECK_ID,
  },
  'view.ambiguous': {
    kind: 'invalid',
    meaning: 'Several views have this name.',
    remedy: 'Name the view by its id.',
  },
  'view.change_denied': {
    kind: 'forbidden',
    meaning: 'The view belongs to somebody else, or comes with the desk.',
    remedy: 'Save a view of your own.',
  },
  'view.name_taken': {
    kind: 'conflict',
    meaning: 'The owner has another view with this name.',
    remedy: OTHER_NAME,
  },
  'view.not_found': {
    kind: 'not_found',
    meaning: 'The view does not exist, or the caller may not read it.',
    remedy: CHECK_ID,
  },
  'view.sharing_denied': {
    kind: 'forbidden',
    meaning: 'The caller may not share views with this team or with everybody.',
    remedy: 'Share it with a team of yours; leads share with everybody.',
  },
  'write.contended': {
    kind: 'unavailable',
    meaning: 'Too many requests change the same resource at once. Nothing was written.',
    remedy: RETRY,
  },
} as const satisfies Record<string, ProblemDescription>;

export type ProblemCode = keyof typeof problems;

/** The codes of one kind of problem. */
export type ProblemCodeOf<Kind extends ProblemKind> = {
  [Code in ProblemCode]: (typeof problems)[Code]['kind'] extends Kind ? Code : never;
}[ProblemCode];
