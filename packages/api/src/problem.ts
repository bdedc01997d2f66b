import {
  asDomainError,
  DomainError,
  type InputFault,
  invalidInput,
  type Limit,
  tooManyTries,
} from '@tocsin/domain';
import { type ProblemCode, type ProblemKind, problemKinds, problems } from '@tocsin/schema';
import { TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { z } from 'zod';

/** What every door answers when something goes wrong: RFC 9457, with Tocsin's own members. */
export const Problem = z
  .looseObject({
    type: z.string().describe('A URI that names the kind of problem; it ends with the code'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('Stable, for programs'),
    requestId: z.string().nullable().describe('Look for it in the log'),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().describe("A JSON pointer into the body, or the parameter's name"),
          message: z.string(),
        }),
      )
      .optional(),
    allowed: z
      .array(z.string())
      .optional()
      .describe('With 409 `ticket.transition_not_allowed`: where the ticket can go'),
    position: z
      .int()
      .min(1)
      .optional()
      .describe('With 422 `query.invalid`: the character of `q` that is wrong, from 1'),
    version: z.int().optional().describe('With 412 `ticket.version_mismatch`: the version that it has'),
  })
  .meta({
    id: 'Problem',
    description: 'What went wrong (RFC 9457)',
    examples: [
      {
        type: 'urn:tocsin:problem:ticket.not_found',
        title: 'Not Found',
        status: 404,
        detail: 'Ticket not found',
        code: 'ticket.not_found',
        requestId: '019c1378-2a00-7d3b-9a50-3f5c1b7e9d10',
      },
    ],
  });
export type Problem = z.output<typeof Problem>;

/** tRPC's name for each kind of problem. */
const trpcCodes: Readonly<Record<ProblemKind, TRPCError['code']>> = {
  malformed: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  method: 'METHOD_NOT_SUPPORTED',
  unacceptable: 'BAD_REQUEST',
  too_slow: 'TIMEOUT',
  conflict: 'CONFLICT',
  outdated: 'PRECONDITION_FAILED',
  too_large: 'PAYLOAD_TOO_LARGE',
  too_long: 'PAYLOAD_TOO_LARGE',
  media_type: 'UNSUPPORTED_MEDIA_TYPE',
  expectation: 'BAD_REQUEST',
  invalid: 'UNPROCESSABLE_CONTENT',
  limited: 'TOO_MANY_REQUESTS',
  headers_too_large: 'BAD_REQUEST',
  internal: 'INTERNAL_SERVER_ERROR',
  unavailable: 'SERVICE_UNAVAILABLE',
};

/** Of each status a problem that people meet. */
const met: Readonly<Record<number, readonly [code: ProblemCode, detail: string, more?: object]>> = {
  400: ['cursor.invalid', 'This cursor is not one of ours'],
  401: ['auth.required', 'Send a valid token as `Authorization: Bearer <token>`'],
  403: ['token.scope_missing', 'The token may not do this'],
  404: ['ticket.not_found', 'Ticket not found'],
  406: ['request.not_acceptable', 'Answers are application/json; accept that'],
  408: ['request.too_slow', 'The body did not arrive within 10 seconds; send it again'],
  409: [
    'ticket.transition_not_allowed',
    'A closed ticket can only be reopened',
    { allowed: ['in_progress'] },
  ],
  412: ['ticket.version_mismatch', 'The ticket has been changed', { version: 4 }],
  413: ['request.too_large', 'The body is larger than 1 MiB'],
  415: ['request.media_type', 'Send the body as application/json'],
  422: [
    'query.invalid',
    'At character 8: There is no status opne; did you mean open?',
    { position: 8, errors: [{ pointer: 'q', message: 'There is no status opne; did you mean open?' }] },
  ],
  429: ['rate.limited', 'Too many tries; try again later'],
  500: ['internal', 'Something went wrong on our side'],
  503: ['database.unavailable', 'The database is not there; try again'],
};

/** An example of a problem with this status, for the document. */
export function exampleOfProblem(status: number): Problem | undefined {
  const [code, detail, more] = met[status] ?? [];
  if (code === undefined || detail === undefined) return undefined;
  const requestId = '019c1378-2a00-7d3b-9a50-3f5c1b7e9d10';
  const type = `urn:tocsin:problem:${code}`;
  const { title } = problemKinds[problems[code].kind];
  return { type, title, status, detail, code, ...more, requestId };
}

/** Something that went wrong at the door, before any procedure. */
export class DoorError extends Error {
  readonly kind: ProblemKind;
  readonly code: ProblemCode;

  constructor(code: ProblemCode, detail: string) {
    super(detail);
    this.name = 'DoorError';
    this.kind = problems[code].kind;
    this.code = code;
  }
}

/** This process has been told to stop. */
export const stopping = (): DomainError =>
  new DomainError({
    code: 'server.stopping',
    detail: 'This process is going down; try again',
  });

/** A caller, or an address, asks more often than it may. */
export const rateLimited = (limit: Limit): DomainError =>
  tooManyTries(
    'rate.limited',
    `At most ${limit.most} requests a second; wait as long as Retry-After says`,
    limit,
  );

/** There is more to do than this process can in good time. */
export const overloaded = (): DomainError =>
  new DomainError({
    code: 'server.overloaded',
    detail: 'There is too much to do right now; try again shortly',
  });

const internal = () =>
  new DoorError('internal', 'Something went wrong on our side; the log has it under this request id');

/** tRPC's own refusals, before a procedure runs. */
const doorCodes: Partial<Record<TRPCError['code'], [code: ProblemCode, detail?: string]>> = {
  PARSE_ERROR: ['request.malformed', 'The request cannot be parsed'],
  // Its own message repeats a piece of the body, in which a password may stand.
  BAD_REQUEST: ['request.malformed', 'The request cannot be parsed, or its batch is too large'],
  NOT_FOUND: ['procedure.not_found', 'No such procedure'],
  METHOD_NOT_SUPPORTED: ['request.method_not_allowed'],
  PAYLOAD_TOO_LARGE: ['request.too_large', 'The body is too large'],
  UNSUPPORTED_MEDIA_TYPE: ['request.media_type', 'Send application/json'],
};

/** What an error means for the caller; what was not meant for anybody becomes a 500 without a word of the inside. */
function meaning(thrown: unknown): DomainError | DoorError {
  const error = asDomainError(thrown);
  if (error instanceof DomainError || error instanceof DoorError) return error;
  if (!(error instanceof TRPCError)) return internal();
  if (error.code === 'BAD_REQUEST' && error.cause instanceof z.core.$ZodError) {
    return invalidInput(faultsOf(error.cause));
  }
  const cause = error.cause ? meaning(error.cause) : internal();
  const door =
    error.code === 'INTERNAL_SERVER_ERROR' || cause.kind !== 'internal' ? undefined : doorCodes[error.code];
  return door ? new DoorError(door[0], door[1] ?? error.message) : cause;
}

function faultsOf(error: z.core.$ZodError): InputFault[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'There is no such field' }))
      : [{ path: issue.path, message: issue.message }],
  );
}

/** A body of a hundred thousand unknown fields must not be answered with as many lines. */
const MAX_FAULTS = 100;

/** A path into an input as a JSON pointer (RFC 6901). */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** A problem, and tRPC's name for its status. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly trpc: TRPCError['code'];
  /** What was tried too often, with 429. */
  readonly limit: Limit | null;
}

/**
 * Tells the caller about an error.
 * @param pointer how a fault's path is written; as a JSON pointer unless told otherwise
 */
export function toProblem(error: unknown, requestId: string | null, pointer = pointerOf): ProblemAnswer {
  const meant = meaning(error);
  const { kind, code, message } = meant;
  const { faults, extra, limit } =
    meant instanceof DomainError ? meant : { faults: [], extra: {}, limit: null };
  const { status, title } = problemKinds[kind];
  const trpc = trpcCodes[kind];
  const errors = faults
    .slice(0, MAX_FAULTS)
    .map((fault) => ({ pointer: pointer(fault.path), message: fault.message }));
  const detail = code === 'input.invalid' ? 'Some of the input is not valid; see errors' : message;
  return {
    trpc,
    limit,
    problem: {
      type: `urn:tocsin:problem:${code}`,
      title,
      status,
      detail,
      code,
      requestId,
      ...(errors.length > 0 ? { errors } : {}),
      ...extra,
    },
  };
}

/** How tRPC writes an error: its own fields, and the same problem that REST answers. */
export function trpcError({ problem, trpc }: ProblemAnswer, path?: string) {
  return {
    message: problem.detail,
    code: TRPC_ERROR_CODES_BY_KEY[trpc],
    data: { code: trpc, httpStatus: problem.status, ...(path === undefined ? {} : { path }), problem },
  };
}
