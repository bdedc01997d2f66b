import { createTRPCClient, httpBatchLink, type TRPCClient, TRPCClientError } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from './contract.ts';

export type { AppRouter };

/** What each procedure takes: `Inputs['tickets']['create']`. */
export type Inputs = inferRouterInputs<AppRouter>;
/** What each procedure answers: `Outputs['tickets']['create']`. */
export type Outputs = inferRouterOutputs<AppRouter>;

/** Every procedure of a desk, with full types: `client.tickets.get.query({ id: 'INC-42' })`. */
export type Client = TRPCClient<AppRouter>;

export interface ClientOptions {
  /** Where the desk answers, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly token: string;
}

/** The server refuses a batch of more. */
const BATCH = 20;

/**
 * Makes a client of one desk. Calls that are made in the same moment travel together.
 * A call that fails throws a `TRPCClientError`; `problemOf` tells what the desk said.
 */
export function createClient({ url, token }: ClientOptions): Client {
  const link = httpBatchLink<AppRouter>({
    url: `${url.replace(/\/+$/, '')}/trpc`,
    headers: { Authorization: `Bearer ${token}` },
    maxItems: BATCH,
  });
  return createTRPCClient<AppRouter>({ links: [link] });
}

/** What went wrong, as the desk tells it (RFC 9457). */
export type Problem = NonNullable<TRPCClientError<AppRouter>['data']>['problem'];

/** The problem that a failed call met; null when the failure was not the desk's answer (no connection, say). */
export function problemOf(error: unknown): Problem | null {
  const data = error instanceof TRPCClientError ? (error as TRPCClientError<AppRouter>).data : null;
  return data?.problem ?? null;
}
