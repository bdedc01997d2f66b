import { Failure } from '../failures.ts';

type ServerDesk = typeof import('@tocsin/server/desk');

/** The desk of this checkout, as far as it is known. */
export interface LocalDesk {
  readonly url: string | null;
  readonly token: string | null;
}

/** Errors of the server's code whose message says all that a person needs. */
const TOLD = new Set(['ConfigError', 'UntrustedFile']);

/**
 * Does what only the server's own code can do: it knows the data folder and the database of this checkout. It is loaded
 * only here and only when asked for, because that takes longer than all the rest, and a desk far away needs none of it.
 * @throws Failure when the checkout's settings are wrong, or its files may be another account's
 */
export async function atServer<T>(use: (server: ServerDesk) => T | Promise<T>): Promise<T> {
  try {
    return await use(await import('@tocsin/server/desk'));
  } catch (error) {
    if (error instanceof Error && TOLD.has(error.name)) throw new Failure(error.message);
    throw error;
  }
}

/** The embedded desk of this checkout. */
export const findLocalDesk = (): Promise<LocalDesk> => atServer((server) => server.findLocalDesk());
