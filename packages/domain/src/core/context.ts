import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Ability, Principal } from './ability.ts';
import type { Clock } from './clock.ts';
import type { Receipt } from './receipts.ts';
import { transact } from './transactions.ts';

/** Who did something. `imported` is a name from another system's history and has no id here. */
export interface Actor {
  readonly id: string | null;
  readonly kind: 'user' | 'service' | 'system' | 'imported';
  readonly name: string;
}

/** Who did something, as every door shows it. */
export const ActorView = z
  .strictObject({
    id: z.uuid().nullable().describe('Null for `system` and `imported`'),
    kind: z.enum(['user', 'service', 'system', 'imported']),
    name: z.string().describe('For `imported`: the name as the source has it'),
  })
  .meta({ id: 'Actor', description: 'Who did something' });

/** What a token may be narrowed to. */
export const scopes = [
  'tickets:read',
  'tickets:write',
  'users:read',
  'admin',
  'audit:read',
  'metrics:read',
] as const;
export type Scope = (typeof scopes)[number];

/** True when the token that a caller shows is not narrowed, or is narrowed to this scope among others. */
export const hasScope = ({ credential: { scopes } }: Pick<Caller, 'credential'>, scope: Scope): boolean =>
  scopes === null || scopes.includes(scope);

/** What a caller has shown. */
export interface Credential {
  readonly kind: 'bootstrap' | 'session' | 'token';
  /** Null for the built-in administrator's own token, which is not kept in the database. */
  readonly id: string | null;
  /** Null: everything that its owner may. */
  readonly scopes: readonly Scope[] | null;
  readonly expiresAt: string | null;
}

/** A user who has shown who they are. */
export interface Caller extends Principal {
  readonly kind: 'person' | 'service';
  readonly name: string;
  readonly credential: Credential;
}

/** What a request brings before anybody has said who is asking. */
export interface RequestContext {
  readonly db: Knex;
  readonly caller: Caller | null;
  readonly clock: Clock;
  readonly log: Logger;
  readonly requestId: string | null;
  /** Where the request comes from, as far as it can be trusted; null within the process. */
  readonly address: string | null;
  /** Keeps the answer of a write that its caller may send again; null for a request without a key. */
  readonly receipt: Receipt | null;
  /** Bytes that a page of this answer may have; as many as any page may, unless it is one of several. */
  readonly pageBytes?: number | undefined;
}

/** What every use case is given, as `fn(ctx, input)`. */
export interface Context extends RequestContext {
  readonly caller: Caller;
  readonly actor: Actor;
  readonly ability: Ability;
  /**
   * Runs `work` in one transaction and gives it the context to use inside. The outer context must not be used there:
   * its queries would run on another connection, outside the transaction, and could wait for it for ever.
   * Within a transaction it joins the one that is open. Of a write it is the whole: what it gives is the answer, which is
   * kept with it for a request that has a key (`transact`).
   * @param subject names what the work locks first, such as `ticket:42`: of one subject one write at a time is carried out
   */
  transaction<T>(work: (ctx: Context) => Promise<T>, subject?: string): Promise<T>;
}

/** What a caller is in the history of what they do. */
export const actorOf = ({ id, kind, name }: Pick<Caller, 'id' | 'kind' | 'name'>): Actor => ({
  id,
  kind: kind === 'service' ? 'service' : 'user',
  name,
});

/** Makes the context of a known caller from what the request brought. */
export function actAs(request: RequestContext, caller: Caller, ability: Ability): Context {
  const { db, clock, log, requestId, address, receipt, pageBytes } = request;
  return {
    db,
    caller,
    actor: actorOf(caller),
    ability,
    clock,
    log,
    requestId,
    address,
    receipt,
    pageBytes,
    transaction(work, subject) {
      return transact(
        request,
        (inner) => work(inner === db ? this : actAs({ ...request, db: inner }, caller, ability)),
        subject,
      );
    },
  };
}
