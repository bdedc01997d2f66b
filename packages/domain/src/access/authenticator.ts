import { hash } from 'node:crypto';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { type Caller, type Clock, type Credential, Notices, utc } from '../core/index.ts';
import { administratorId } from '../identity/index.ts';

/** Says who a bearer token belongs to; null when to nobody. A promise only where the database must be asked. */
export type Authenticate = (token: string) => Caller | null | Promise<Caller | null>;

export interface AuthenticatorOptions {
  readonly db: Knex;
  /** Of the same database, for a connection of its own on which revocations are told. */
  readonly url: string;
  /** The token of the built-in administrator, which is not kept in the database. */
  readonly bootstrapToken: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Tokens that are remembered at most; beyond that those that were not used for longest are asked for again. */
const MAX_CACHED = 10_000;
/** Of how many uses of a token one is written down, and how soon; in milliseconds. */
const USE_EVERY_MS = 60_000;
const WRITE_AFTER_MS = 1_000;

interface Known {
  readonly caller: Caller;
  /** When a use was last written down, or is about to be. */
  usedAt: number;
}

/**
 * Knows who shows a token, and asks the database only for those it does not know: what it knows is dropped as soon as a
 * notice tells that something about the user has changed. While it is not certain that notices arrive it asks each time.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #bootstrap: string;
  readonly #known = new LRUCache<string, Known>({ max: MAX_CACHED });
  readonly #notices: Notices;
  /** Grows with each notice: what was read before one may be older than it, and is not remembered. */
  #heard = 0;
  readonly #uses = new Map<string, number>();
  #writing: NodeJS.Timeout | undefined;

  private constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#bootstrap = keyOf(options.bootstrapToken);
    this.#notices = new Notices({
      url: options.url,
      channel: 'tocsin_identity',
      onNotice: (userId) => this.#forget(userId),
      onGap: () => this.#forgetAll(),
      log: options.log,
    });
  }

  /** Opens it, with a connection of its own; one that cannot be had now is tried for again. */
  static async open(options: AuthenticatorOptions): Promise<Authenticator> {
    const authenticator = new Authenticator(options);
    await authenticator.#notices.open();
    return authenticator;
  }

  /** Writes the last uses down, and lets go of the connection. */
  async close(): Promise<void> {
    clearTimeout(this.#writing);
    await this.#notices.close();
    await this.#writeUses();
  }

  /** @throws database.unavailable, as a rejection, when the database must be asked and is not there */
  readonly authenticate: Authenticate = (token) => {
    const key = keyOf(token);
    const known = this.#notices.isCurrent() ? this.#known.get(key) : undefined;
    return known ? this.#admit(known) : this.#lookUp(key);
  };

  /**
   * Forgets everything that any process revoked before this call. A write that revokes awaits it before it is answered,
   * so that this process refuses from its answer on what was revoked.
   */
  readonly catchUp = async (): Promise<void> => {
    if (!(await this.#notices.catchUp())) this.#forgetAll();
  };

  #admit(known: Known): Caller | null {
    const { id, expiresAt } = known.caller.credential;
    const now = this.#options.clock.now();
    if (expiresAt !== null && expiresAt <= utc(now)) return null;
    if (id !== null && now.getTime() - known.usedAt >= USE_EVERY_MS) this.#noteUse(known, id);
    return known.caller;
  }

  async #lookUp(key: string): Promise<Caller | null> {
    const heard = this.#heard;
    const found = await (key === this.#bootstrap
      ? readAdministrator(this.#options.db)
      : readToken(this.#options.db, Buffer.from(key, 'base64')));
    if (!found) return null;
    if (heard === this.#heard) this.#known.set(key, found);
    return this.#admit(found);
  }

  #forget(userId: string): void {
    this.#heard += 1;
    for (const [key, { caller }] of this.#known.entries()) if (caller.id === userId) this.#known.delete(key);
  }

  #forgetAll(): void {
    this.#heard += 1;
    this.#known.clear();
  }

  #noteUse(known: Known, tokenId: string): void {
    known.usedAt = this.#options.clock.now().getTime();
    this.#uses.set(tokenId, known.usedAt);
    this.#writing ??= setTimeout(() => void this.#writeUses(), WRITE_AFTER_MS).unref();
  }

  /** One statement for all tokens that were used of late. What is lost with the process is only when that was. */
  async #writeUses(): Promise<void> {
    this.#writing = undefined;
    const uses = [...this.#uses];
    this.#uses.clear();
    if (uses.length === 0) return;
    try {
      await this.#options.db.raw(
        `update tokens set last_used_at = greatest(last_used_at, used.at)
         from unnest(?::uuid[], ?::timestamptz[]) as used (id, at) where tokens.id = used.id`,
        [uses.map(([id]) => id), uses.map(([, at]) => utc(new Date(at)))],
      );
    } catch (error) {
      this.#options.log.warn({ err: error }, 'could not write down when tokens were last used');
    }
  }
}

/** Memory holds no token, either. */
const keyOf = (token: string): string => hash('sha256', token, 'base64');

interface UserColumns {
  readonly user_id: string;
  readonly name: string;
  readonly role: Caller['role'];
  readonly kind: Caller['kind'];
  readonly team_ids: string[];
}

interface TokenColumns extends UserColumns {
  readonly id: string;
  readonly token_kind: 'session' | 'token';
  readonly scopes: Credential['scopes'];
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

const userColumns = `users.id as user_id, users.name, users.role, users.kind,
  array(select team_id from team_members where user_id = users.id order by team_id) as team_ids`;

const callerOf = (row: UserColumns, credential: Credential): Caller => ({
  id: row.user_id,
  role: row.role,
  teamIds: row.team_ids,
  kind: row.kind,
  name: row.name,
  credential,
});

async function readToken(db: Knex, hash: Buffer): Promise<Known | null> {
  const { rows } = await db.raw(
    `select tokens.id, tokens.kind as token_kind, tokens.scopes, tokens.expires_at, tokens.last_used_at, ${userColumns}
     from tokens join users on users.id = tokens.user_id
     where tokens.hash = ? and tokens.revoked_at is null and users.active`,
    [hash],
  );
  const [row] = rows as TokenColumns[];
  if (!row) return null;
  const { id, token_kind: kind, scopes, expires_at: expiresAt, last_used_at: used } = row;
  return {
    caller: callerOf(row, { kind, id, scopes, expiresAt }),
    usedAt: used === null ? 0 : Date.parse(used),
  };
}

async function readAdministrator(db: Knex): Promise<Known | null> {
  const { rows } = await db.raw(`select ${userColumns} from users where id = ? and active`, [
    administratorId,
  ]);
  const [row] = rows as UserColumns[];
  const credential = { kind: 'bootstrap', id: null, scopes: null, expiresAt: null } as const;
  return row ? { caller: callerOf(row, credential), usedAt: 0 } : null;
}
