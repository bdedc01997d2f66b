import { access } from '@tocsin/domain';
import { createDatabase, TestClock, type TestDatabase } from '@tocsin/domain/testing';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { afterAll, onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';

export const TOKEN = 'a-token-for-tests-of-thirty-two-characters';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is not. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  readonly body: any;
}

export interface Call {
  readonly method?: string;
  readonly json?: unknown;
  /** Sent as it is, in place of `json`. */
  readonly raw?: string | Buffer;
  readonly headers?: Record<string, string>;
  /** Null sends none. */
  readonly token?: string | null;
}

export interface RunningApp {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly database: TestDatabase;
  readonly clock: TestClock;
  /** Calls a path; with the administrator's token unless told otherwise. */
  call(path: string, call?: Call): Promise<Answer>;
  /** Calls a procedure on the tRPC door. */
  trpc(name: string, input?: unknown, call?: Call & { type?: 'query' | 'mutation' }): Promise<Answer>;
}

interface AppOptions {
  readonly log?: Logger;
  readonly accepting?: () => boolean;
  readonly trustedProxies?: readonly string[];
  readonly corsOrigins?: readonly string[];
  /** Connections to the database, at most. */
  readonly poolSize?: number;
  /** Requests a second; null is no limit. */
  readonly rateLimit?: number | null;
  /** Milliseconds that a body may take to arrive, and a reader to take something of an answer. */
  readonly bodyTimeout?: number;
  readonly readTimeout?: number;
}

/** The app on a port and a database of its own, for the tests of one file. Call it at the top of the file, awaited. */
export async function runApp(options?: AppOptions): Promise<RunningApp> {
  const { app, close } = await startApp(options);
  afterAll(close);
  return app;
}

/** The same for the test that is running, and for no other. */
export async function runAppOfTest(options?: AppOptions): Promise<RunningApp> {
  const { app, close } = await startApp(options);
  onTestFinished(close);
  return app;
}

async function startApp({
  log = pino({ level: 'silent' }),
  accepting = () => true,
  trustedProxies = [],
  corsOrigins = [],
  rateLimit = null,
  poolSize = 10,
  ...timeouts
}: AppOptions = {}): Promise<{ app: RunningApp; close(): Promise<void> }> {
  const database = await createDatabase({ poolSize });
  const clock = new TestClock();
  const running = await serveDatabase({
    database,
    clock,
    log,
    accepting,
    trustedProxies,
    corsOrigins,
    rateLimit,
    ...timeouts,
  });
  const close = async (): Promise<void> => {
    await running.close();
    await database.drop();
  };
  const call = caller(running.url);
  return { app: { ...running, database, clock, call, trpc: trpcCaller(call) }, close };
}

interface Serving extends AppOptions {
  readonly log: Logger;
  readonly accepting: () => boolean;
  readonly database: TestDatabase;
  readonly clock: TestClock;
}

/** One API process on a database, with what it remembers of its own. */
export async function serveDatabase({
  database: { db, url: databaseUrl },
  clock,
  log,
  rateLimit = null,
  ...options
}: Serving) {
  const authenticator = await access.Authenticator.open({
    db,
    url: databaseUrl,
    bootstrapToken: TOKEN,
    clock,
    log,
  });
  const limiter = rateLimit === null ? null : new access.RateLimiter({ db, limit: rateLimit, log });
  const { authenticate, catchUp: forgetRevoked } = authenticator;
  const app = await buildApp({ db, authenticate, forgetRevoked, clock, log, limiter, ...options });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const close = async (): Promise<void> => {
    app.server.closeAllConnections();
    await app.close();
    await authenticator.close();
  };
  return { app, url, close };
}

/** Calls paths of whatever answers at this address. */
export const caller =
  (url: string, defaultToken = TOKEN) =>
  async (
    path: string,
    { method, json, raw, headers = {}, token = defaultToken }: Call = {},
  ): Promise<Answer> => {
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const response = await fetch(url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };

const trpcCaller =
  (call: RunningApp['call']): RunningApp['trpc'] =>
  (name, input, { type = 'query', ...rest } = {}) =>
    type === 'mutation'
      ? call(`/trpc/${name}`, { json: input ?? {}, ...rest })
      : call(
          `/trpc/${name}${input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`}`,
          rest,
        );

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
