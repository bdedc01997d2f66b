import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type ApiContext, DoorError, stopping } from '@tocsin/api';
import { access, type Clock, newId } from '@tocsin/domain';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { registerBodies } from './bodies.ts';
import { callsOf } from './calls.ts';
import { registerConnections } from './connections.ts';
import { registerDeadline } from './deadline.ts';
import { registerDocs } from './docs.ts';
import { registerHeaders } from './headers.ts';
import { registerIncomingBodies } from './incoming-bodies.ts';
import { registerMetrics, registerMetricsRoute } from './metrics/index.ts';
import { registerNotFound } from './not-found.ts';
import { registerOverload } from './overload.ts';
import { answerExpectation, answerParserError, registerProblems, sendProblem } from './problems.ts';
import { rateLimitOf } from './rate-limit.ts';
import { registerRequestLog } from './request-log.ts';
import { registerRest } from './rest.ts';
import { registerRetryKey } from './retry-key.ts';
import { noTracing, type Tracing, together } from './tracing/index.ts';
import { registerTrpc } from './trpc-door.ts';
import { registerUnreadAnswers } from './unread-answers.ts';
import { version } from './version.ts';
import { registerWho } from './who.ts';

declare module 'fastify' {
  interface FastifyInstance {
    tocsinLog: Logger;
  }
}

/** What the contract needs to be put on the wire. */
export interface AppParts {
  readonly db: Knex;
  readonly authenticate: access.Authenticate;
  /** Resolves once `authenticate` refuses what was revoked before the call. */
  readonly forgetRevoked: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  /** False once this process has been told to stop. */
  readonly accepting: () => boolean;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed; none unless told otherwise. */
  readonly trustedProxies?: readonly string[];
  /** Other origins whose pages may call; none unless told otherwise. */
  readonly corsOrigins?: readonly string[];
  /** Null lets everybody ask as often as they like. */
  readonly limiter?: access.RateLimiter | null;
  /** Left out, no traces are made. */
  readonly tracing?: Tracing;
  /** Milliseconds that a body may take to arrive, and a reader to take something of an answer. */
  readonly bodyTimeout?: number;
  readonly readTimeout?: number;
}

/** Longer ones are of no use to anybody: what is long goes into a body. */
const MAX_URL_LENGTH = 8_000;

const addressTooLong = () =>
  new DoorError('request.address_too_long', `The address is longer than ${MAX_URL_LENGTH} characters`);

/** A connection whose headers do not arrive in this time is answered 408 and closed; in milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000;
/** The same of a request with a body that nobody reads, as it was refused before. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How often connections are checked for both. */
const CHECK_INTERVAL_MS = 2_000;

function registerAddressLength(app: FastifyInstance): void {
  app.addHook('onRequest', ({ url }, reply, done) => {
    if (url.length > MAX_URL_LENGTH) sendProblem(reply, addressTooLong());
    else done();
  });
}

const hostMissing = () => new DoorError('request.malformed', 'The request has no Host header; send one');

function registerHost(app: FastifyInstance): void {
  app.addHook('onRequest', ({ raw: { httpVersion, headers } }, reply, done) => {
    if (httpVersion === '1.1' && headers.host === undefined) sendProblem(reply, hostMissing());
    else done();
  });
  app.server.on('checkExpectation', answerExpectation);
}

/** A request id that a caller may choose: short, visible, nothing that could forge a log line or a header. */
const SANE_ID = /^[\w.:-]{1,100}$/;

/** A proxy may write anything into its header; what is no address would be counted as one of its own each time. */
const addressOf = ({ ip, socket }: FastifyRequest): string | null =>
  isIP(ip.replace(/%.*$/, '')) ? ip : (socket.remoteAddress ?? null);

/** The network under which a request is counted. */
const networkOf = (request: FastifyRequest): string => access.networkOf(addressOf(request) ?? '');

/** What is sent to a proxy names a whole address; everything here reads the path alone. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

function pathAndQuery({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/')) return url;
  const path = url.replace(ORIGIN, '');
  return path === url || path.startsWith('/') ? path : `/${path}`;
}

/** Bytes of the pages that one answer may have, of all calls of a batch together. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** The contract on the wire: tRPC at `/trpc`, REST at the root, and its documentation. Does not listen yet. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const app = openFastify(parts.trustedProxies ?? []);
  app.decorate('tocsinLog', parts.log);
  const metrics = registerMetrics(app, parts.db);
  const tracing = parts.tracing ?? noTracing;
  tracing.watch(app, parts.db);
  const contextOf = (request: FastifyRequest): ApiContext => ({
    db: parts.db,
    caller: request.caller,
    callerFault: request.callerFault,
    clock: parts.clock,
    log: parts.log,
    requestId: request.id,
    address: addressOf(request),
    accepting: parts.accepting,
    rate: request.rate,
    retryKey: request.retryKey,
    pageBytes: MAX_ANSWER_BYTES / callsOf(request),
    forgetRevoked: parts.forgetRevoked,
    observer: together(metrics.observerOf(request), tracing.observerOf(request)),
  });
  registerNotFound(app);
  registerProblems(app);
  registerDeadline(app);
  registerConnections(app, { proxies: parts.trustedProxies ?? [] });
  registerBodies(app);
  registerRequestLog(app, parts.log);
  await registerHeaders(app, parts.corsOrigins ?? []);
  registerAddressLength(app);
  registerHost(app);
  registerReadiness(app, parts.accepting);
  registerOverload(app, { networkOf });
  registerIncomingBodies(app, { networkOf, timeout: parts.bodyTimeout });
  registerUnreadAnswers(app, { networkOf, timeout: parts.readTimeout });
  const rateLimit = rateLimitOf(app, { limiter: parts.limiter ?? null, addressOf });
  rateLimit.byAddress();
  registerWho(app, parts.authenticate);
  rateLimit.byToken();
  registerRetryKey(app);
  registerRest(app, contextOf);
  registerTrpc(app, contextOf);
  registerDocs(app, version);
  registerMetricsRoute(app);
  return app;
}

function openFastify(trustedProxies: readonly string[]): FastifyInstance {
  return Fastify({
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    logger: false,
    bodyLimit: 1024 * 1024,
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      // Node would refuse one without a word; `registerHost` says why.
      requireHostHeader: false,
    },
    rewriteUrl: pathAndQuery,
    genReqId: ({ headers }) => {
      const id = headers['x-request-id'];
      return typeof id === 'string' && SANE_ID.test(id) ? id : newId();
    },
    // A batch names all its procedures in one path parameter.
    routerOptions: { maxParamLength: MAX_URL_LENGTH },
    clientErrorHandler: answerParserError,
    frameworkErrors: (_error, { url }, reply) =>
      sendProblem(
        reply,
        url.length > MAX_URL_LENGTH
          ? addressTooLong()
          : new DoorError('request.malformed', 'The address cannot be parsed'),
      ),
  });
}

/** Names every answer, and turns new requests away once the process is to stop. `/ready` says so by itself. */
function registerReadiness(app: FastifyInstance, accepting: () => boolean): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Request-Id', request.id);
    if (accepting() || request.routeOptions.url === '/ready') done();
    else sendProblem(reply.header('Connection', 'close'), stopping());
  });
  // Who was under way when the order came must not keep the connection, and with it the process, afterwards.
  app.addHook('onSend', async (_request, reply) => {
    if (!accepting()) reply.header('Connection', 'close');
  });
}
