import { DoorError, overloaded } from '@tocsin/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { awaitsBody } from './calls.ts';
import { NetworkQuota } from './network-quota.ts';
import { sendProblem } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Ends the wait for the request's body; null where none is awaited. */
    bodyArrived: (() => void) | null;
  }
}

/** A body of 1 MiB arrives in this time at 0.9 Mbit/s. In milliseconds. */
const BODY_TIMEOUT_MS = 10_000;

/** Bodies on their way at one time, from one network and from all; 200 requests at once from one stay within it. */
const MAX_BODIES = { perNetwork: 224, total: 448 };

const tooSlow = (milliseconds: number) =>
  new DoorError(
    'request.too_slow',
    `The body did not arrive within ${milliseconds / 1000} seconds; send it again, or a smaller one`,
  );

export interface IncomingBodiesOptions {
  /** Under which name the senders of one network are counted. */
  readonly networkOf: (request: FastifyRequest) => string;
  readonly timeout?: number | undefined;
}

/**
 * Bounds how long a body may take to arrive, and how many may be on their way. Beyond the bound the oldest one of the
 * network with the most is refused, not the newcomer: whoever sends at once gets through. Refused, a connection is closed.
 */
export function registerIncomingBodies(app: FastifyInstance, options: IncomingBodiesOptions): void {
  const { networkOf, timeout = BODY_TIMEOUT_MS } = options;
  const quota = new NetworkQuota(MAX_BODIES);
  app.decorateRequest('bodyArrived', null);
  const expect = (request: FastifyRequest, reply: FastifyReply): void => {
    const refuse = (error: Error): void => {
      request.bodyArrived?.();
      if (!reply.sent) sendProblem(reply.header('Connection', 'close'), error);
    };
    const release = quota.admit(networkOf(request), 1, () => refuse(overloaded()));
    const timer = setTimeout(() => refuse(tooSlow(timeout)), timeout);
    request.bodyArrived = () => {
      request.bodyArrived = null;
      clearTimeout(timer);
      release();
    };
    reply.raw.once('close', () => request.bodyArrived?.());
  };
  app.addHook('onRequest', (request, reply, done) => {
    if (awaitsBody(request)) expect(request, reply);
    done();
  });
  app.addHook('preValidation', (request, _reply, done) => {
    request.bodyArrived?.();
    done();
  });
}
