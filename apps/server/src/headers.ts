import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/** What a page on another origin may send, and may read of an answer, beyond what browsers always allow. */
const sent = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'X-Request-Id',
  'traceparent',
];
const read = [
  'ETag',
  'Idempotent-Replayed',
  'Link',
  'Location',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Retry-After',
  'X-Request-Id',
];

/**
 * What Helmet sets, by name. It is the same on every answer, so it is asked once: to work it out each time, and for each
 * header a function, was a part of what a small read costs.
 */
function securityHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => Object.assign(headers, { [name]: value }),
    removeHeader() {},
  };
  const set = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  });
  set({} as IncomingMessage, response as unknown as ServerResponse, (error) => {
    if (error) throw error;
  });
  return headers;
}

/**
 * Sends the security headers, and the CORS headers for the origins that may call this desk: none unless configured.
 * Tokens travel in a header, never in a cookie, so a page that is let in still has to have one.
 */
export async function registerHeaders(app: FastifyInstance, corsOrigins: readonly string[]): Promise<void> {
  const headers = securityHeaders();
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
  if (corsOrigins.length > 0) {
    await app.register(cors, {
      origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'],
      allowedHeaders: sent,
      exposedHeaders: read,
      maxAge: 600,
    });
  }
  // What one caller may see, no cache may show to another.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('Cache-Control'))
      reply.header('Cache-Control', reply.hasHeader('ETag') ? 'private, no-cache' : 'no-store');
  });
}

/** What the page of the documentation is made of comes from this process alone; Swagger UI styles by attributes. */
export const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
