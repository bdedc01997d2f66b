import { type Problem, problemOf } from '@tocsin/client';
import type { FoundDesk } from './desk/find.ts';
import { Cancelled, exit, Failure, UsageError } from './failures.ts';
import { cleanLine, cleanText } from './terminal/text.ts';

/** What to say of an error, and how to leave. */
export interface Explanation {
  /** Nothing when it has been said already. */
  readonly lines: readonly string[];
  readonly exitCode: number;
  /** What the desk answered, for programs. */
  readonly problem?: Problem | undefined;
}

const failed = (text: string, ...more: string[]): Explanation => ({
  lines: [...text.split('\n'), ...more].map(cleanText),
  exitCode: exit.failed,
});

/** Says what an error means to the person at the terminal; never a stack trace. */
export function explain(error: unknown, desk: FoundDesk | null): Explanation {
  if (error instanceof Cancelled) return { lines: [], exitCode: exit.cancelled };
  if (error instanceof UsageError) return { lines: [cleanText(error.message)], exitCode: exit.usage };
  if (error instanceof Failure)
    return { ...failed(error.message), problem: problemOf(error.cause) ?? undefined };
  const problem = problemOf(error);
  if (problem) return { ...explainProblem(problem, { desk, waitSeconds: waitOf(error) }), problem };
  if (desk && isClientError(error)) return explainSilence(error, desk);
  return explainOther(error);
}

/** What a problem is told with. */
interface Circumstances {
  readonly desk: FoundDesk | null;
  /** After how many seconds the desk wants to be asked again; null when it did not say. */
  readonly waitSeconds: number | null;
}

function explainProblem(problem: Problem, { desk, waitSeconds }: Circumstances): Explanation {
  const { code, allowed, requestId, status } = problem;
  return failed(
    ...wordsOf(problem),
    `code: ${code}`,
    ...(Array.isArray(allowed) ? [`allowed: ${allowed.join(', ')}`] : []),
    ...(status >= 500 ? [`request: ${requestId}`] : []),
    ...(status === 429 && waitSeconds !== null ? [`Try again in ${inWords(waitSeconds)}.`] : []),
    ...adviceOn(problem, desk),
  );
}

/** The problem itself; that fields may not be set is the same sentence for each, and said once. */
function wordsOf({ detail, code, errors = [] }: Problem): [string, ...string[]] {
  const fields = errors.map(({ pointer }) => cleanLine(fieldOf(pointer)));
  if (code === 'permission.field_denied' && fields.length > 0)
    return [`You may not set ${fields.join(', ')}`];
  // The same sentence again is of use where it names the option that was meant.
  const told = errors.map(({ pointer, message }, at) =>
    message === detail && fields[at] === pointer.replace(/^\//, '')
      ? []
      : [`  ${fields[at]}: ${cleanLine(message)}`],
  );
  return [detail, ...told.flat()];
}

/** Fields that are called otherwise here. */
const options: Readonly<Record<string, string>> = {
  holdReason: '--hold-reason',
  resolution: '--resolution',
  requesterId: '--requester',
  assigneeId: '--assignee',
  teamId: '--team',
  serviceId: '--service',
  userId: '--user',
  scopes: '--scope',
  expiresAt: '--expires',
  actorId: '--actor',
  subjectId: '--subject',
  atAfter: '--after',
  atBefore: '--before',
  current: 'current password',
  new: 'new password',
};

/** Lists that are given one by one: which of them is at fault, the message need not say. */
const repeatable = /^\/(scopes|action)\/\d+$/;

/** `/resolution/code` as people write it: `resolution.code`; or the option that sets it. */
function fieldOf(pointer: string): string {
  const path = pointer.replace(repeatable, '/$1').replace(/^\//, '');
  return options[path] ?? (path.replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~') || 'input');
}

/** Seconds as people count them. */
function inWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (seconds > 90) return `${minutes} minutes`;
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}

/** `Retry-After`, which stands in the head of the answer, where no problem has it. */
function waitOf(error: unknown): number | null {
  const { meta } = error as { meta?: { response?: unknown } };
  const response = meta?.response;
  const told = response instanceof Response ? response.headers.get('retry-after') : null;
  return told !== null && /^\d+$/.test(told) ? Number(told) : null;
}

/** What the person can do about it. */
function adviceOn({ code, status }: Problem, desk: FoundDesk | null): string[] {
  if (code === 'token.scope_missing')
    return [
      'The token is narrowed by scopes: `tocsin whoami` tells to which.',
      'Use one that goes further (`tocsin tokens create`), or your own login (`tocsin login`).',
    ];
  if (status === 403) return ['Your role decides that: `tocsin permissions` shows who may do what.'];
  return code === 'auth.required' && desk ? [adviceOnToken(desk)] : [];
}

function adviceOnToken({ origin, url }: FoundDesk): string {
  if (origin === 'login')
    return `${url} no longer takes the token that was kept; run \`tocsin login\` again.`;
  return `${url} does not take this token; give another with --token or TOCSIN_TOKEN, or run \`tocsin login\`.`;
}

/** tRPC's error for whatever it did not get from a desk. */
const isClientError = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'TRPCClientError';

/** The cause of a failed connection, at the bottom of what fetch wraps around it; null when there was an answer. */
function connectionFault(error: unknown): string | null {
  let fault: unknown = error;
  let fetchFailed = false;
  while (fault instanceof Error && fault.cause instanceof Error) {
    fault = fault.cause;
    fetchFailed ||= fault instanceof TypeError && fault.message === 'fetch failed';
  }
  if (!fetchFailed || !(fault instanceof Error)) return null;
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : null;
  if (code?.startsWith('ERR_SSL') || /SSL routines/.test(fault.message))
    return 'it does not speak https (try http://)';
  return code ? (plainly[code] ?? `${fault.message || code}`) : fault.message;
}

const plainly: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  ETIMEDOUT: 'no answer in time',
};

function explainSilence(error: Error, { url, origin }: FoundDesk): Explanation {
  const fault = connectionFault(error);
  if (fault === null) {
    return failed(
      `${url} answers, but not as a desk of Tocsin does.`,
      'Check the address (--url, TOCSIN_URL, `tocsin login`).',
    );
  }
  const kept = origin === 'login' ? ' (the one that `tocsin login` kept)' : '';
  return failed(
    `The desk at ${url}${kept} does not answer: ${fault}.`,
    'Start it (npx -y pnpm@12 start), or name another with --url, or log in to another with `tocsin login`.',
  );
}

function explainOther(error: unknown): Explanation {
  if (!(error instanceof Error)) return failed(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  const cause = error.cause instanceof Error ? [`cause: ${error.cause.message}`] : [];
  return failed(error.message || error.name, ...cause, ...(code ? [`code: ${code}`] : []));
}
