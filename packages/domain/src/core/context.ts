import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

/** Who did something. `imported` is a name from another system's history and has no id here. */
export interface Actor {
  readonly id: string | null;
  readonly kind: 'user' | 'service' | 'system' | 'imported';
  readonly name: string;
}

/** What a request brings before anybody has said who is asking. */
export interface RequestContext {
  readonly db: Knex;
  readonly actor: Actor | null;
  readonly clock: Clock;
  readonly log: Logger;
  readonly requestId: string | null;
}

/** What every use case is given, as `fn(ctx, input)`. */
export interface Context extends RequestContext {
  readonly actor: Actor;
  /**
   * Runs `work` in one transaction and gives it the context to use inside. The outer context must not be used there:
   * its queries would run on another connection, outside the transaction, and could wait for it for ever.
   * Within a transaction it joins the one that is open.
   */
  transaction<T>(work: (ctx: Context) => Promise<T>): Promise<T>;
}

/** Makes the context of a known actor from what the request brought. */
export function actAs(request: RequestContext, actor: Actor): Context {
  const { db, clock, log, requestId } = request;
  return {
    db,
    actor,
    clock,
    log,
    requestId,
    transaction(work) {
      return db.isTransaction
        ? work(this)
        : db.transaction((trx) => work(actAs({ ...request, db: trx }, actor)));
    },
  };
}
