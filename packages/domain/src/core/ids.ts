import { v7 } from 'uuid';

/** A new UUIDv7 (RFC 9562): ordered by time, so that an index on it grows at its end. */
export const newId = (): string => v7();
