import { overloaded } from '@tocsin/api';
import type { FastifyInstance } from 'fastify';
import { callsOf, isWatch } from './calls.ts';
import { sendProblem } from './problems.ts';

/**
 * Calls that are carried out or wait at one time, in one process. Those beyond it are turned away before anything is
 * done for them, so that those within it are answered in a time that does not grow with the crowd. 200 requests at once
 * are never turned away, as the contract says.
 */
const MOST = 224;

/** How often the log is told of those who were turned away; in milliseconds. */
const TELL_EVERY_MS = 1_000;

/** Turns requests away while there is too much to do. */
export function registerOverload(app: FastifyInstance): void {
  let underWay = 0;
  let turnedAway = 0;
  const tell = (): void => {
    app.tocsinLog.warn({ turnedAway }, 'overloaded');
    turnedAway = 0;
  };
  const note = (): void => {
    if (turnedAway === 0) setTimeout(tell, TELL_EVERY_MS).unref();
    turnedAway += 1;
  };
  app.addHook('onRequest', (request, reply, done) => {
    if (isWatch(request)) return done();
    const calls = callsOf(request);
    if (underWay > 0 && underWay + calls > MOST) {
      note();
      sendProblem(reply, overloaded());
      return;
    }
    underWay += calls;
    // Emitted once, whether the answer was sent or its reader went away.
    reply.raw.once('close', () => {
      underWay -= calls;
    });
    done();
  });
}
