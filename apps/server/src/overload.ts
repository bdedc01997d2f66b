import { overloaded } from '@tocsin/api';
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify';
import { awaitsBody, callsOf, costOf, isWatch } from './calls.ts';
import { type Place, Places } from './places.ts';
import { sendProblem } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null before the request is let in, and for what is never turned away. */
    place: Place | null;
  }
}

/** How often the log is told of those who were turned away; in milliseconds. */
const TELL_EVERY_MS = 1_000;

/** A caller who hangs up leaves the work behind, which keeps its place until it is done, but no longer than this. */
const ABANDONED_TIMEOUT_MS = 60_000;

const isStream = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && !Buffer.isBuffer(payload);

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

interface OverloadOptions {
  /** Under which name those of one network are counted who show no token. */
  readonly networkOf: (request: FastifyRequest) => string;
}

/**
 * Turns requests away while there is too much to do, and lets those of one caller wait for each other. A request has no
 * place before its body is whole, and none any more once its answer is made: neither a slow sender nor a slow reader
 * holds one.
 */
export function registerOverload(app: FastifyInstance, { networkOf }: OverloadOptions): void {
  app.decorateRequest('place', null);
  const places = new Places();
  const note = turnedAwayCounter(app);
  const turnAway = (reply: FastifyReply): void => {
    note();
    sendProblem(reply, overloaded());
  };
  /** Null when there is no room. */
  const enter = (request: FastifyRequest, reply: FastifyReply): Place | null => {
    const calls = callsOf(request);
    if (!places.hasRoomFor(calls)) return null;
    const place = places.enter(calls, costOf(request), () => turnAway(reply));
    request.place = place;
    leaveWhenClosed(reply, place, () => places.leave(place));
    return place;
  };
  app.addHook('onRequest', (request, reply, done) => {
    if (isWatch(request)) return done();
    const isLetIn = awaitsBody(request)
      ? places.hasRoomFor(callsOf(request))
      : enter(request, reply) !== null;
    if (isLetIn) done();
    else turnAway(reply);
  });
  // All that are to be carried out come by here, once it is known who asks.
  app.addHook('preValidation', (request, reply, done) => {
    if (isWatch(request)) return done();
    const place = request.place ?? enter(request, reply);
    if (place === null) return turnAway(reply);
    // Whoever hung up while waiting is answered without any work.
    const begin = (): void => (request.socket.destroyed ? turnAway(reply) : done());
    places.begin(place, request.caller?.id ?? networkOf(request), begin);
  });
  app.addHook('onSend', (...[{ place }, , payload, done]: Parameters<onSendHookHandler>) => {
    if (place && !isStream(payload)) places.leave(place);
    done(null, payload);
  });
}

function leaveWhenClosed({ raw }: FastifyReply, place: Place, leave: () => void): void {
  // Emitted once, whether the answer was sent or its reader went away.
  raw.once('close', () => {
    if (raw.writableEnded) leave();
    else if (!place.left) setTimeout(leave, ABANDONED_TIMEOUT_MS).unref();
  });
}
