import { Transform } from 'node:stream';
import { DoorError } from '@tocsin/api';
import type { FastifyInstance, FastifyRequest, preParsingHookHandler } from 'fastify';
import { isTooComplex, MAX_DEPTH, MAX_VALUES } from './json-shape.ts';

const malformed = () => new DoorError('request.malformed', 'The body is not UTF-8, or it broke off');

const wrongEncoding = () =>
  new DoorError('request.media_type', 'Send the body as plain UTF-8, without Content-Encoding');

const tooComplex = () =>
  new DoorError(
    'request.too_complex',
    `The body nests deeper than ${MAX_DEPTH}, or holds more than ${MAX_VALUES} values`,
  );

function isPlain({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding'] ?? 'identity';
  const charset = /charset="?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  return encoding.toLowerCase() === 'identity' && /^(utf-?8|us-ascii)$/i.test(charset);
}

/** A request without either header has none (RFC 9112, 6.3); most are reads, and need nothing made for it. */
const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

/** Passes bytes on as they are, as long as they are UTF-8. A wrong byte would otherwise be stored as U+FFFD. */
function utf8Only(): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const check = (chunk: Buffer | undefined, stream: boolean): Error | null => {
    try {
      decoder.decode(chunk, { stream });
      return null;
    } catch {
      return malformed();
    }
  };
  return new Transform({
    transform: (chunk, _encoding, done) => done(check(chunk, true), chunk),
    flush: (done) => done(check(undefined, false)),
  });
}

/** What every body must be on every door, before anybody parses it. */
export function registerBodies(app: FastifyInstance): void {
  // A promise would let a broken body fail before anybody listens for that.
  app.addHook('preParsing', (...[request, , payload, done]: Parameters<preParsingHookHandler>) => {
    if (!isPlain(request)) return done(wrongEncoding());
    if (!hasBody(request)) return done(null, payload);
    let received = 0;
    const checked = utf8Only();
    payload.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    payload.on('error', (error: Error) => checked.destroy(error));
    Object.defineProperty(checked, 'receivedEncodedLength', { get: () => received });
    done(null, payload.pipe(checked));
  });
  // tRPC parses its bodies by itself.
  app.addHook('preValidation', ({ body }, _reply, done) => {
    done(typeof body === 'string' && isTooComplex(body) ? tooComplex() : undefined);
  });
  // Every key is the schema's to judge, `__proto__` included: an object of JSON.parse has it as a plain key.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      if (isTooComplex(String(body))) return done(tooComplex());
      done(null, body === '' ? undefined : JSON.parse(String(body)));
    } catch {
      done(new DoorError('request.malformed', 'The body is not JSON'));
    }
  });
}
