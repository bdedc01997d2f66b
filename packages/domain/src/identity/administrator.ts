import { createHash, timingSafeEqual } from 'node:crypto';
import type { Actor } from '../core/index.ts';

/** The administrator that every desk has from its first start. The id is fixed: the layout of a UUIDv7, at the time 0. */
export const administrator: Actor = {
  id: '00000000-0000-7000-8000-000000000001',
  kind: 'user',
  name: 'Administrator',
};

/** Says who a bearer token belongs to; null when to nobody. */
export type Authenticate = (token: string) => Actor | null;

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/**
 * Knows the one token of the built-in administrator. Digests are compared, in constant time, so that the time of an
 * answer tells nothing about the token.
 */
export function bootstrapAuthenticator(token: string): Authenticate {
  const expected = digest(token);
  return (offered) => (timingSafeEqual(digest(offered), expected) ? administrator : null);
}
