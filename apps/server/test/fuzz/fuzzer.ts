import { type Call, type RunningApp, runApp } from '../running-app.ts';
import { type CallerName, Callers } from './callers.ts';
import { Conformance } from './conformance.ts';
import { collectionOf, type DescribedOperation, type OpenApi, operationsIn } from './document.ts';
import type { Exchange } from './exchange.ts';
import { Pool } from './pool.ts';
import { type Draft, requestOf } from './requests.ts';

interface Sending {
  readonly draft: Draft;
  readonly caller: CallerName;
  readonly raw?: string | Buffer;
}

/** So far the clock goes on with each request, so that what is limited or expires does so now and then. */
const STEP_MS = 10_000;

/** Sends what was generated, remembers what came of it, and checks what must be true after each answer. */
export class Fuzzer {
  readonly operations: readonly DescribedOperation[];
  readonly conformance: Conformance;
  readonly callers: Callers;
  readonly #pool = new Pool();
  readonly call: RunningApp['call'];
  readonly #clock: RunningApp['clock'];

  constructor({ call, clock }: RunningApp, document: OpenApi) {
    this.call = call;
    this.#clock = clock;
    this.operations = operationsIn(document);
    this.conformance = new Conformance(document);
    this.callers = new Callers(call);
  }

  /** Sends a draft, filled from the pool. */
  async send(operation: DescribedOperation, { draft, caller, raw }: Sending): Promise<Exchange> {
    this.#clock.advance(STEP_MS);
    const filled = this.#pool.fill(draft, operation, draft.draw) as Draft;
    const request = { ...requestOf(operation, filled), ...(raw === undefined ? {} : { body: raw }) };
    const { method, url, headers, body } = request;
    const sent: Call = raw === undefined ? { json: body } : { raw };
    const token = await this.callers.tokenOf(caller);
    const answer = await this.call(url, { method, headers, token, ...sent });
    return { operation, request, caller, answer };
  }

  /** A document's promise that was not kept by a valid request, what it has made and what it has removed. */
  async validFault(exchange: Exchange): Promise<string | null> {
    const { operation, answer, request, caller } = exchange;
    const fault = this.conformance.faultOf(operation, answer) ?? refusedInVain(exchange);
    if (fault) return fault;
    this.#pool.remember(operation, request.body, answer);
    if (answer.status === 204) this.callers.leave(caller);
    return (await this.#createdFault(exchange)) ?? (await this.#memberFault(exchange));
  }

  /** What was made must be where `Location` says, for whoever made it; unless it is restricted to others. */
  async #createdFault({ answer, caller }: Exchange): Promise<string | null> {
    const location = answer.headers.get('location');
    if (answer.status !== 201 || !location || answer.headers.has('idempotent-replayed')) return null;
    const found = await this.call(location, { token: await this.callers.tokenOf(caller) });
    if (found.status === 404 && answer.body.restricted === true) return null;
    return found.status === 200 && found.text === answer.text
      ? null
      : `${location} does not answer what was made, but ${found.status} ${found.text}`;
  }

  /** What was put into a collection must be listed there; what was deleted must not, nor serve as a token. */
  async #memberFault({ operation, request, answer }: Exchange): Promise<string | null> {
    const collection = collectionOf(new URL(request.url, 'http://desk').pathname.replace(/[^/]+$/, '{id}'));
    const isListed = this.operations.some(
      ({ method, path }) => method === 'GET' && path === collectionOf(operation.path),
    );
    if (answer.status !== 204 || !isListed || !collection || answer.headers.has('idempotent-replayed'))
      return null;
    const id = decodeURIComponent(request.url.split('/').at(-1) ?? '').toLowerCase();
    const listed = await this.#lists(collection, id);
    if (operation.method === 'PUT') return listed ? null : `${id} is not listed in ${collection}`;
    if (operation.method !== 'DELETE') return null;
    return listed ? `${id} is still listed in ${collection}` : this.#tokenFault(id);
  }

  async #lists(collection: string, id: string): Promise<boolean> {
    for (let next = ''; ; ) {
      const { body } = await this.call(`${collection}?limit=100${next}`);
      if (body.items.some((item: { id: unknown }) => String(item.id) === id)) return true;
      if (body.nextCursor === null) return false;
      next = `&cursor=${encodeURIComponent(body.nextCursor)}`;
    }
  }

  async #tokenFault(id: string): Promise<string | null> {
    const token = this.#pool.fieldOf(id, 'token');
    if (typeof token !== 'string') return null;
    const { status } = await this.call('/me', { token });
    return status === 401 ? null : `the token ${id} still opens /me: ${status}`;
  }
}

/** A desk of its own for the tests of one file, and a fuzzer of what it says of itself. */
export async function runFuzzer(): Promise<Fuzzer> {
  const app = await runApp();
  const { body } = await app.call('/openapi.json', { token: null });
  return new Fuzzer(app, body);
}

/** Refusals that no valid request of a valid caller can meet. */
function refusedInVain({ operation, request, answer: { status } }: Exchange): string | null {
  if ([406, 413, 415].includes(status)) return 'a valid request is refused';
  if (status === 401 && operation.secured) return 'a valid token is refused';
  return status === 400 && !request.url.includes('cursor=') ? 'a valid request cannot be parsed' : null;
}
