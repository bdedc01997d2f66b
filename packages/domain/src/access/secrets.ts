import { createHash, randomBytes } from 'node:crypto';

/** What is kept of a secret. It has 256 random bits, so a plain hash cannot be turned back. */
export const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A new bearer token: `toc_` and 43 letters, which scanners for leaked secrets know by `toc_[A-Za-z0-9_-]{43}`. */
export const newSecret = (): string => `toc_${randomBytes(32).toString('base64url')}`;
