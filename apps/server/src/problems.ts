import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { DoorError, type Problem, type ProblemAnswer, toProblem, trpcError } from '@tocsin/api';
import { type Limit, newId } from '@tocsin/domain';
import { problemKinds } from '@tocsin/schema';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How an answer to a caller who should come back later says when, in seconds. */
const RETRY_AFTER = 1;

/** True for what belongs to tRPC's door, whose clients read errors in tRPC's own wrapping. */
const isTrpc = ({ url }: FastifyRequest): boolean => /^\/trpc([/?]|$)/.test(url);

/** Codes of what is refused because many come at once. */
const crowded = new Set(['server.overloaded', 'write.contended']);

/** True for what is logged as an error. A line for each request of a crowd would only add to what there is to do. */
export const isLogged = ({ status, code }: Problem): boolean => status >= 500 && !crowded.has(code);

/** Answers with the problem that an error means: `application/problem+json`, or wrapped as tRPC does on its door. */
export function sendProblem(
  reply: FastifyReply,
  error: unknown,
  pointer?: (path: readonly PropertyKey[]) => string,
): FastifyReply {
  const { request } = reply;
  const told = toProblem(error, request.id, pointer);
  const { status, code } = told.problem;
  if (isLogged(told.problem)) request.server.tocsinLog.error({ err: error, requestId: request.id }, code);
  reply.code(status).headers({ 'X-Request-Id': request.id, ...headersFor(told) });
  return isTrpc(request)
    ? reply.type('application/json').send(JSON.stringify({ error: trpcError(told) }))
    : reply.type('application/problem+json').send(JSON.stringify(told.problem));
}

/** What a problem obliges us to send along. */
export function headersFor({ problem: { status }, limit }: ProblemAnswer): Record<string, string> {
  if (status === 401) return { 'WWW-Authenticate': 'Bearer' };
  if (status === 503) return { 'Retry-After': String(RETRY_AFTER) };
  return limit ? { 'Retry-After': String(limit.seconds), ...headersOf({ ...limit, remaining: 0 }) } : {};
}

/** How often something may be done, and how often still. */
export const headersOf = ({
  most,
  remaining,
  seconds,
}: Limit & { readonly remaining: number }): Record<string, string> => ({
  'RateLimit-Limit': String(most),
  'RateLimit-Remaining': String(remaining),
  'RateLimit-Reset': String(seconds),
});

const doorErrors: Readonly<Record<number, () => DoorError>> = {
  413: () => new DoorError('request.too_large', 'The body is larger than 1 MiB'),
  415: () => new DoorError('request.media_type', 'Send the body as application/json'),
};

const malformed = () => new DoorError('request.malformed', 'The request cannot be parsed');

/** What Fastify itself refuses, in our words; anything else stays as it is. */
function ofFastify(error: FastifyError, { raw }: FastifyRequest): unknown {
  // Whoever hangs up in the middle of a body is not there to read an answer, and nothing is wrong with us.
  if (raw.destroyed && !raw.complete) return malformed();
  const status = error.statusCode ?? 500;
  if (!error.code?.startsWith('FST_') && !(error instanceof SyntaxError)) return error;
  return status >= 400 && status < 500 ? (doorErrors[status] ?? malformed)() : error;
}

/** Every failure of every route is answered as a problem. */
export function registerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(reply, ofFastify(error, request)));
}

/** What Node's parser refuses before there is a request: the status line, and the problem that explains it. */
const parserErrors: Readonly<Record<string, DoorError>> = {
  HPE_HEADER_OVERFLOW: new DoorError('request.headers_too_large', 'The headers are too large'),
  ERR_HTTP_REQUEST_TIMEOUT: new DoorError(
    'request.too_slow',
    'The request took too long to arrive; send it again',
  ),
};

/** The problem of a request that never became one of Fastify's. */
function problemOf({ code, kind, message: detail }: DoorError) {
  const { status, title } = problemKinds[kind];
  const requestId = newId();
  const type = `urn:tocsin:problem:${code}`;
  return { status, title, requestId, body: JSON.stringify({ type, title, status, detail, code, requestId }) };
}

/** Refuses an `Expect` that is not `100-continue`, and hangs up, for what follows may be the body. */
export function answerExpectation(_request: unknown, response: ServerResponse): void {
  const { body, requestId, status } = problemOf(
    new DoorError('request.expectation_failed', 'Only `Expect: 100-continue` is known'),
  );
  const headers = {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'X-Request-Id': requestId,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  response.writeHead(status, headers).end(body);
}

/** Answers what is not HTTP, or too much of it, and hangs up. */
export function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { body, requestId, status, title } = problemOf(parserErrors[error.code ?? ''] ?? malformed());
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
