import { DoorError } from '@tocsin/api';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problems.ts';

/** What is not answered by then has long lost its reader; whether it was done, its key tells. In milliseconds. */
const DEADLINE_MS = 60_000;

const timedOut = () =>
  new DoorError('request.timeout', 'This took too long; try again, with the same key if it writes');

/**
 * Answers for a handler that does not. Fastify's own `handlerTimeout` would make an exception, stack and all, at the end
 * of every request: a twentieth of what a small read costs.
 * @param milliseconds how long a handler may take
 */
export function registerDeadline(app: FastifyInstance, milliseconds = DEADLINE_MS): void {
  app.addHook('onRequest', (_request, reply, done) => {
    const timer = setTimeout(() => {
      // An answer that has begun cannot become another one.
      if (reply.raw.headersSent) reply.raw.destroy();
      else if (!reply.sent) sendProblem(reply, timedOut());
    }, milliseconds);
    reply.raw.once('close', () => clearTimeout(timer));
    done();
  });
}
