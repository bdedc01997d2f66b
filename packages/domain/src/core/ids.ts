import { v7 } from 'uuid';
import { z } from 'zod';

/** A new UUIDv7 (RFC 9562): ordered by time, so that an index on it grows at its end. */
export const newId = (): string => v7();

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for what can only be an id, and no name. */
export const isId = (text: string): boolean => ID.test(text);

/** The id of anything but a ticket, as input. Kept in lower case: PostgreSQL takes both, but strings are compared, too. */
export const uuid = () =>
  z
    .uuid({
      // What is missing is told as anything that is missing.
      error: ({ input }) =>
        input === undefined ? undefined : 'Must be an id, such as 019c1378-2a00-7d3b-9a50-3f5c1b7e9d12',
    })
    .toLowerCase();
