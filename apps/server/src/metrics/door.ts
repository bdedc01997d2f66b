import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { abilityOf, type Caller, DomainError, forbidden, tickets } from '@tocsin/domain';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import { sendProblem } from '../problems.ts';

/** Makes the page that Prometheus reads. */
export type Page = () => Promise<string>;

const TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * `GET /metrics` for those whom the rules let read metrics, by a token of the scope `metrics:read` or one that is not
 * narrowed. How many tickets there are is left out for those who may not read all of them.
 */
export function registerMetricsRoute(app: FastifyInstance): void {
  app.get('/metrics', async (request, reply) => {
    const { caller } = request;
    const refusal = refusalOf(caller);
    if (refusal || !caller) return sendProblem(reply, refusal ?? denied());
    const page = await app.tocsinMetrics();
    return reply
      .type(TYPE)
      .header('Cache-Control', 'no-store')
      .send(tickets.readsEveryTicket(abilityOf(caller)) ? page : withoutTickets(page));
  });
}

const denied = (): DomainError => forbidden('permission.denied', 'You may not do this');

/** The page without the metric that counts restricted tickets like all others. */
const withoutTickets = (page: string): string =>
  page.replace(/^(# (HELP|TYPE) )?tocsin_tickets[ {].*\n/gm, '');

/** A token can never do more than its owner, so what a requester may not see no scope of theirs opens. */
function refusalOf(caller: Caller | null): DomainError | null {
  if (!caller || !abilityOf(caller).mightEver('read', 'Metrics')) return denied();
  const { scopes } = caller.credential;
  if (scopes === null || scopes.includes('metrics:read')) return null;
  const detail = 'This token lacks the scope metrics:read';
  return new DomainError({ code: 'token.scope_missing', detail });
}

export interface MetricsDoor {
  close(): void;
}

interface MetricsDoorParts {
  readonly config: Pick<Config, 'host' | 'metricsPort'>;
  readonly log: Logger;
  readonly page: Page;
}

/**
 * Serves the page, and nothing else, on a port of its own, where the settings want one. It asks for no token: who may
 * reach that port is for the network to say.
 * @throws when the port is taken
 */
export async function openMetricsDoor({ config, log, page }: MetricsDoorParts): Promise<MetricsDoor> {
  const { host, metricsPort: port } = config;
  if (port === null) return { close: () => {} };
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    request.resume();
    const [path] = (request.url ?? '').split('?');
    if (path !== '/metrics') return void response.writeHead(404).end();
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    page().then(
      (text) => response.writeHead(200, { 'Content-Type': TYPE }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'the metrics cannot be told');
        response.writeHead(503).end();
      },
    );
  });
  server.listen({ host, port });
  await once(server, 'listening');
  const { address, family, port: taken } = server.address() as AddressInfo;
  log.info({ url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/metrics` }, 'metrics');
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { close };
}
