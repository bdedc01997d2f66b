import type { RequestContext } from '@tocsin/domain';

/** What a procedure is given. `actor` is null until somebody has shown a token. */
export interface ApiContext extends RequestContext {
  /** False once this process has been told to stop: it finishes what it has and wants nothing new. */
  readonly accepting: () => boolean;
}
