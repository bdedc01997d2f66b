import type { RequestContext } from '@tocsin/domain';

/** What a procedure is given. `caller` is null until somebody has shown a token. */
export interface ApiContext extends RequestContext {
  /** Why it could not be found out who asks; undefined when it could. */
  readonly callerFault?: unknown;
  /** False once this process has been told to stop: it finishes what it has and wants nothing new. */
  readonly accepting: () => boolean;
}
