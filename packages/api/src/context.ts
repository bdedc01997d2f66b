import type { Limit, RequestContext } from '@tocsin/domain';

/** What is left of a rate limit for one request: those calls of a batch that are beyond it are refused. */
export interface RateGrant extends Limit {
  readonly granted: number;
  /** How many of these have been carried out so far. */
  used: number;
}

/** One call of a procedure, as whoever measures it sees it. */
export interface ObservedCall<T> {
  /** Of a procedure that there is: no caller can make one up. */
  readonly name: string;
  run(): Promise<T>;
  /** The status that this outcome has by itself, whatever else is in the same batch. */
  statusOf(outcome: T): number;
}

/** Stands around each call of a procedure. */
export interface Observer {
  /** @returns what the call gives */
  around<T>(call: ObservedCall<T>): Promise<T>;
}

/** What a caller brings who may send a write again. */
export interface RetryKey {
  readonly key: string;
  /** The token that was shown; null when none was. */
  readonly token: string | null;
  /** Set to true when the answer is that of an earlier request. */
  replayed: boolean;
}

/** What a procedure is given. `caller` is null until somebody has shown a token. */
export interface ApiContext extends Omit<RequestContext, 'receipt'> {
  /** Why it could not be found out who asks; undefined when it could. */
  readonly callerFault?: unknown;
  /** False once this process has been told to stop: it finishes what it has and wants nothing new. */
  readonly accepting: () => boolean;
  /** How many calls of this request may be carried out; null is all. */
  readonly rate: RateGrant | null;
  /** The `Idempotency-Key` of this request; null when it has none. */
  readonly retryKey: RetryKey | null;
  /** Resolves once this process refuses every credential that was revoked, and every right that was taken, before the call. */
  readonly forgetRevoked: () => Promise<void>;
  /** Who wants to know of each call; null is nobody. */
  readonly observer: Observer | null;
}
