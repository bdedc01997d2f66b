import type { FastifyInstance, FastifyRequest, onSendHookHandler } from 'fastify';
import { NetworkQuota } from './network-quota.ts';

/** A reader who takes nothing of an answer for so long is cut off; in milliseconds. */
const READ_TIMEOUT_MS = 10_000;

/** Smaller answers fit into the buffers of the operating system. */
const SMALL = 64 * 1024;

/** Bytes of answers that wait for their readers, of one network and of all. */
const MAX_UNREAD = { perNetwork: 128 * 1024 * 1024, total: 256 * 1024 * 1024 };

const sizeOf = (payload: unknown): number => {
  if (typeof payload === 'string') return payload.length;
  return Buffer.isBuffer(payload) ? payload.length : 0;
};

export interface UnreadAnswersOptions {
  /** Under which name the readers of one network are counted. */
  readonly networkOf: (request: FastifyRequest) => string;
  readonly timeout?: number | undefined;
  readonly limits?: { readonly perNetwork: number; readonly total: number } | undefined;
}

/**
 * Bounds the memory that answers take whose readers do not read them. Such a reader is cut off after a time without
 * progress, and at once when a newer answer of the same network would exceed the bound.
 */
export function registerUnreadAnswers(app: FastifyInstance, options: UnreadAnswersOptions): void {
  const { networkOf, timeout = READ_TIMEOUT_MS, limits = MAX_UNREAD } = options;
  const quota = new NetworkQuota(limits);
  app.addHook('onSend', (...[request, { raw }, payload, done]: Parameters<onSendHookHandler>) => {
    const size = sizeOf(payload);
    if (size >= SMALL && !raw.destroyed) {
      const cut = (): void => void raw.destroy();
      // Node notes what the reader has taken in between, and begins anew.
      raw.setTimeout(timeout, cut);
      raw.once('close', quota.admit(networkOf(request), size, cut));
    }
    done(null, payload);
  });
}
