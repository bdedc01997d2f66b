import { v7, validate, version } from 'uuid';

/** A new UUIDv7 (RFC 9562): ordered by time, so that an index on it grows at its end. */
export const newId = (): string => v7();

export const isUuidV7 = (text: string): boolean => validate(text) && version(text) === 7;
