import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  splitLink,
  type TRPCClient,
  TRPCClientError,
} from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from './contract.ts';
import { fetchFromDesk, keyOf, type RetryOptions, retryLink } from './retry.ts';

export type { Retry } from './retry.ts';
export type { AppRouter };

/** What each procedure takes: `Inputs['tickets']['create']`. */
export type Inputs = inferRouterInputs<AppRouter>;
/** What each procedure answers: `Outputs['tickets']['create']`. */
export type Outputs = inferRouterOutputs<AppRouter>;

type Procedures = TRPCClient<AppRouter>;
type ListTickets = Extract<Inputs['tickets']['list'], object>;
type TicketPage = Outputs['tickets']['list'];
type ListedTicket = TicketPage['items'][number];
type Field = NonNullable<ListTickets['fields']>[number];
type CallOptions = Parameters<Procedures['tickets']['list']['query']>[1];

/** A page of tickets that have their `id` and the fields that were asked for. */
export type PageOfFields<Fields extends Field> = Omit<TicketPage, 'items'> & {
  items: Pick<ListedTicket, Fields | 'id'>[];
};

interface ListQuery {
  /** With `fields` a ticket has these and its `id`; `description` is whole then. */
  query<const Fields extends Field>(
    input: Omit<ListTickets, 'fields'> & { fields: Fields[] },
    options?: CallOptions,
  ): Promise<PageOfFields<Fields>>;
  /** A ticket has all fields, and the beginning of its description. */
  query(
    input?: Omit<ListTickets, 'fields'> & { fields?: undefined },
    options?: CallOptions,
  ): Promise<TicketPage>;
}

/** Every procedure of a desk, with full types: `client.tickets.get.query({ id: 'INC-42' })`. */
export type Client = Omit<Procedures, 'tickets'> & {
  readonly tickets: Omit<Procedures['tickets'], 'list'> & { readonly list: ListQuery };
};

export interface ClientOptions extends Partial<RetryOptions> {
  /** Where the desk answers, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly token: string;
}

/** The server refuses a batch of more, and an address that is longer. */
const BATCH = 20;
const ADDRESS = 7_000;

/** Not quite four seconds in all. */
const RETRY_DELAYS_MS: readonly number[] = [250, 500, 1000, 2000];

/**
 * Makes a client of one desk. Reads that are made in the same moment travel together. A call that got no answer, or that
 * the desk could not take just now (503, 429), is made again: writes, too, for each carries an `Idempotency-Key`.
 * A call that fails throws a `TRPCClientError`; `problemOf` tells what the desk said.
 * @param options.patience milliseconds to wait at most before each further try; `[]` tries once
 */
export function createClient({
  url,
  token,
  patience = RETRY_DELAYS_MS,
  onRetry,
  signal,
}: ClientOptions): Client {
  const common = { url: `${url.replace(/\/+$/, '')}/trpc`, fetch: fetchFromDesk };
  const headers = { Authorization: `Bearer ${token}` };
  return createTRPCClient<AppRouter>({
    links: [
      retryLink({ patience, onRetry, signal }),
      splitLink({
        condition: ({ type }) => type === 'mutation',
        true: httpLink({ ...common, headers: ({ op }) => ({ ...headers, ...keyOf(op) }) }),
        false: httpBatchLink({ ...common, headers, maxItems: BATCH, maxURLLength: ADDRESS }),
      }),
    ],
  });
}

/** What went wrong, as the desk tells it (RFC 9457). */
export type Problem = NonNullable<TRPCClientError<AppRouter>['data']>['problem'];

/** The problem that a failed call met; null when the failure was not the desk's answer (no connection, say). */
export function problemOf(error: unknown): Problem | null {
  const data = error instanceof TRPCClientError ? (error as TRPCClientError<AppRouter>).data : null;
  return data?.problem ?? null;
}
