import { DoorError, tell } from '@tocsin/api';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How an answer to a caller who should come back later says when, in seconds. */
const RETRY_AFTER = 1;

/** Answers with the problem that an error means, as `application/problem+json`. */
export function sendProblem(
  reply: FastifyReply,
  error: unknown,
  pointer?: (path: readonly PropertyKey[]) => string,
): FastifyReply {
  const { problem } = tell(error, reply.request.id, pointer);
  if (problem.status >= 500)
    reply.request.server.tocsinLog.error({ err: error, requestId: reply.request.id }, problem.code);
  const headers = { 'X-Request-Id': reply.request.id, ...headersFor(problem.status) };
  return reply
    .code(problem.status)
    .headers(headers)
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

/** What a status obliges us to send along. */
export function headersFor(status: number): Record<string, string> {
  if (status === 401) return { 'WWW-Authenticate': 'Bearer' };
  if (status === 503) return { 'Retry-After': String(RETRY_AFTER) };
  return {};
}

const doorErrors: Readonly<Record<number, () => DoorError>> = {
  413: () => new DoorError('too_large', 'request.too_large', 'The body is larger than 1 MiB'),
  415: () => new DoorError('media_type', 'request.media_type', 'Send the body as application/json'),
};

const malformed = () => new DoorError('malformed', 'request.malformed', 'The request cannot be parsed');

/** What Fastify itself refuses, in our words; anything else stays as it is. */
function ofFastify(error: FastifyError): unknown {
  const status = error.statusCode ?? 500;
  if (!error.code?.startsWith('FST_') && !(error instanceof SyntaxError)) return error;
  return status >= 400 && status < 500 ? (doorErrors[status] ?? malformed)() : error;
}

/** Every failure of every route is answered as a problem. */
export function registerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, _request: FastifyRequest, reply) =>
    sendProblem(reply, ofFastify(error)),
  );
}
