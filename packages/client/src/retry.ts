import type { HTTPLinkOptions, Operation, TRPCClientError, TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from './contract.ts';

/** A call that is about to be made again. */
export interface Retry {
  /** As the desk names it: `tickets.create`. */
  readonly procedure: string;
  /** Milliseconds from now. */
  readonly wait: number;
  /** Why: what the desk said, or that it said nothing. */
  readonly reason: string;
}

export interface RetryOptions {
  /** Milliseconds to wait before each further try, at most; each wait is drawn from its upper half. */
  readonly patience: readonly number[];
  /** Told before each further try. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
  /** Once it is aborted nothing is tried again. A call that is under way goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** A desk that wants to be left alone for longer than this is obeyed by giving up. */
const MAX_WAIT_MS = 30_000;

type Failed = TRPCClientError<AppRouter>;

/**
 * Makes a call again that was lost on the way, or that the desk could not take just now. That is safe for writes, too,
 * because each has an `Idempotency-Key` that stays the same: a desk that had done it already answers as it did then.
 */
export const retryLink =
  ({ patience, onRetry, signal }: RetryOptions): TRPCLink<AppRouter> =>
  () =>
  ({ op: asked, next }) => {
    const op = withKey(asked);
    return observable((observer) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let current = { unsubscribe: () => {} };
      const giveUp = new AbortController();
      const attempt = (tries: number): void => {
        current = next(op).subscribe({
          next: (value) => observer.next(value),
          complete: () => observer.complete(),
          error: (error) => {
            const wait = signal?.aborted ? null : waitAfter(error, patience[tries]);
            if (wait === null) return observer.error(error);
            timer = setTimeout(() => attempt(tries + 1), wait);
            const stop = () => {
              clearTimeout(timer);
              observer.error(error);
            };
            signal?.addEventListener('abort', stop, { once: true, signal: giveUp.signal });
            onRetry?.({ procedure: op.path, wait, reason: reasonOf(error) });
          },
        });
      };
      attempt(0);
      return () => {
        giveUp.abort();
        clearTimeout(timer);
        current.unsubscribe();
      };
    });
  };

/** A write keeps the key that its caller chose (`{ context: { idempotencyKey } }`), or gets one of its own. */
const withKey = (op: Operation): Operation =>
  op.type === 'mutation' ? { ...op, context: { idempotencyKey: crypto.randomUUID(), ...op.context } } : op;

/** The headers of a write. */
export function keyOf({ context: { idempotencyKey } }: Operation): Record<string, string> {
  return typeof idempotencyKey === 'string' ? { 'Idempotency-Key': idempotencyKey } : {};
}

/** How long to wait after this failure; null when trying again would be of no use, or the patience is at its end. */
function waitAfter(error: Failed, most: number | undefined): number | null {
  if (most === undefined || !mayPass(error)) return null;
  const wait = Math.max(most * (0.5 + Math.random() / 2), wantedWait(error));
  return wait > MAX_WAIT_MS ? null : wait;
}

/** Statuses of a desk, or of a proxy before it, that say "not now". */
const PASSING = new Set([429, 502, 503, 504]);

function mayPass(error: Failed): boolean {
  const response = responseOf(error);
  if (error.data?.problem?.code === 'idempotency.in_progress') return true;
  return response ? PASSING.has(error.data?.problem?.status ?? response.status) : isLost(error);
}

/** No answer came. Where the address is wrong, or nobody there speaks the protocol, none ever will. */
function isLost(error: Failed): boolean {
  const codes: unknown[] = [];
  for (let fault: unknown = error; fault instanceof Error; fault = fault.cause) {
    if (fault.name === 'AbortError') return false;
    if ('code' in fault) codes.push(fault.code);
  }
  return !codes.some((code) => /^(ENOTFOUND|EPROTO|ERR_|CERT_|DEPTH_|SELF_|UNABLE_)/.test(String(code)));
}

function wantedWait(error: Failed): number {
  const seconds = Number(responseOf(error)?.headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

/** What answered was no desk: a proxy that has lost it, mostly. */
class NotADesk extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`The answer is not a desk's (status ${response.status})`);
    this.name = 'NotADesk';
    this.response = response;
  }
}

type FetchEsque = NonNullable<HTTPLinkOptions<AppRouter['_def']['_config']['$types']>['fetch']>;

/** `fetch`, but that an answer which is not JSON says its status rather than that it cannot be parsed. */
export const fetchFromDesk: FetchEsque = async (address, init) => {
  const response = await fetch(address, init as RequestInit);
  if (/^application\/json\b/.test(response.headers.get('content-type') ?? '')) return response;
  await response.body?.cancel();
  throw new NotADesk(response);
};

const responseOf = ({ meta, cause }: Failed): Response | undefined =>
  cause instanceof NotADesk ? cause.response : (meta as { response?: Response } | undefined)?.response;

const reasonOf = ({ data }: Failed): string => data?.problem?.detail ?? 'The desk does not answer';
