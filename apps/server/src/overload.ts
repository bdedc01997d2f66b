import { overloaded } from '@tocsin/api';
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify';
import { awaitsBody, callsOf, isWatch } from './calls.ts';
import { sendProblem } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Gives the request's places back; null while it has none. */
    leave: (() => void) | null;
  }
}

/**
 * Calls that are carried out or wait at one time, in one process. Those beyond it are turned away before anything is
 * done for them, so that those within it are answered in a time that does not grow with the crowd. 200 requests at once
 * are never turned away, as the contract says.
 */
const MOST = 224;

/** How often the log is told of those who were turned away; in milliseconds. */
const TELL_EVERY_MS = 1_000;

/** A caller who hangs up leaves the work behind, which keeps its place until it is done, but no longer than this. */
const ABANDONED_TIMEOUT_MS = 60_000;

const isStream = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && !Buffer.isBuffer(payload);

/** The places of one process. */
class Places {
  #taken = 0;

  hasRoomFor(calls: number): boolean {
    return this.#taken === 0 || this.#taken + calls <= MOST;
  }

  /** Takes as many places as a request has calls, until its answer is made. */
  take(request: FastifyRequest, reply: FastifyReply): void {
    const calls = callsOf(request);
    this.#taken += calls;
    const leave = (): void => {
      if (request.leave === null) return;
      request.leave = null;
      this.#taken -= calls;
    };
    request.leave = leave;
    // Emitted once, whether the answer was sent or its reader went away.
    reply.raw.once('close', () => {
      if (reply.raw.writableEnded) leave();
      else if (request.leave) setTimeout(leave, ABANDONED_TIMEOUT_MS).unref();
    });
  }
}

/** Writes to the log, at most once a second, how many were turned away. */
function turnedAwayCounter({ tocsinLog }: FastifyInstance): () => void {
  let turnedAway = 0;
  const tell = (): void => {
    tocsinLog.warn({ turnedAway }, 'overloaded');
    turnedAway = 0;
  };
  return () => {
    if (turnedAway === 0) setTimeout(tell, TELL_EVERY_MS).unref();
    turnedAway += 1;
  };
}

/**
 * Turns requests away while there is too much to do. A request has no place before its body is whole, and none any more
 * once its answer is made: neither a slow sender nor a slow reader holds one.
 */
export function registerOverload(app: FastifyInstance): void {
  app.decorateRequest('leave', null);
  const places = new Places();
  const note = turnedAwayCounter(app);
  const turnAway = (reply: FastifyReply): void => {
    note();
    sendProblem(reply, overloaded());
  };
  app.addHook('onRequest', (request, reply, done) => {
    if (isWatch(request)) return done();
    if (!places.hasRoomFor(callsOf(request))) return turnAway(reply);
    if (!awaitsBody(request)) places.take(request, reply);
    done();
  });
  app.addHook('preValidation', (request, reply, done) => {
    if (isWatch(request) || !awaitsBody(request)) return done();
    if (!places.hasRoomFor(callsOf(request))) return turnAway(reply);
    places.take(request, reply);
    done();
  });
  app.addHook('onSend', (...[request, , payload, done]: Parameters<onSendHookHandler>) => {
    if (!isStream(payload)) request.leave?.();
    done(null, payload);
  });
}
