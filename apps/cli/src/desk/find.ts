import { Failure, UsageError } from '../failures.ts';
import type { Credentials } from './credentials.ts';
import type { LocalDesk } from './local.ts';

/** Half or all of what leads to a desk. */
export interface Hints {
  readonly url: string | null;
  readonly token: string | null;
}

/** Where to look, in this order. */
export interface Places {
  readonly flags: Hints;
  readonly environment: Hints;
  readonly kept: () => Credentials | null;
  readonly local: () => Promise<LocalDesk>;
}

/** A desk and how it was found, so that a message can say what to mend. */
export interface FoundDesk extends Credentials {
  readonly origin: 'given' | 'login' | 'checkout';
}

/** The address of a desk in one form: two addresses are the same desk only if they are equal in it. */
export function deskUrl(address: string): string {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new UsageError(`${address} is not the address of a desk; it looks like http://127.0.0.1:8000`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

const sameDesk = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && deskUrl(one) === deskUrl(other);

/**
 * Finds the desk to talk to. A token goes only to the desk it is known to belong to.
 * @throws Failure that says what is missing
 */
export async function findDesk(places: Places): Promise<FoundDesk> {
  const given = merge(places.flags, places.environment);
  if (given.url && given.token) return { url: deskUrl(given.url), token: given.token, origin: 'given' };
  if (given.url) return completeUrl(deskUrl(given.url), places);
  if (given.token) return completeToken(given.token, places);
  const kept = places.kept();
  if (kept) return { ...kept, url: deskUrl(kept.url), origin: 'login' };
  return ofCheckout(await places.local());
}

/** The environment's token is not for another desk than the environment's. */
function merge(flags: Hints, environment: Hints): Hints {
  const elsewhere = flags.url !== null && environment.url !== null && !sameDesk(flags.url, environment.url);
  return {
    url: flags.url ?? environment.url,
    token: flags.token ?? (elsewhere ? null : environment.token),
  };
}

async function completeUrl(url: string, places: Places): Promise<FoundDesk> {
  const kept = places.kept();
  if (kept && sameDesk(kept.url, url)) return { url, token: kept.token, origin: 'login' };
  const here = await places.local();
  if (here.token && sameDesk(here.url, url)) return { url, token: here.token, origin: 'checkout' };
  throw new Failure(
    [
      `No token is known for the desk at ${url}.`,
      `Log in with \`tocsin login --url ${url}\`, or give its token with --token or TOCSIN_TOKEN.`,
      ...(here.url ? [`(The desk of this checkout runs at ${here.url}.)`] : []),
    ].join('\n'),
  );
}

/** A token alone is for the desk that it opens, or for the only one there is. */
async function completeToken(token: string, places: Places): Promise<FoundDesk> {
  const kept = places.kept();
  if (kept?.token === token) return { url: deskUrl(kept.url), token, origin: 'login' };
  const here = await places.local();
  if (here.url && here.token === token) return { url: deskUrl(here.url), token, origin: 'checkout' };
  const [url, ...others] = new Set([kept?.url, here.url].flatMap((known) => (known ? [deskUrl(known)] : [])));
  if (url && others.length === 0) return { url, token, origin: 'given' };
  throw new Failure(
    url
      ? `A token is given, but not its desk: ${[url, ...others].join(' or ')}?\nSay so with --url or TOCSIN_URL.`
      : 'A token is given, but not its desk.\nGive the desk with --url or TOCSIN_URL, such as --url http://127.0.0.1:8000.',
  );
}

function ofCheckout({ url, token }: LocalDesk): FoundDesk {
  if (url && token) return { url: deskUrl(url), token, origin: 'checkout' };
  if (url) {
    throw new Failure(
      `The desk of this checkout runs at ${url}, but this account cannot read its token.\nLog in with \`tocsin login --url ${url}\`.`,
    );
  }
  throw new Failure(
    [
      'No desk is known, and none runs in this checkout.',
      'Start one here:          npx -y pnpm@12 start',
      'or log in to another:    tocsin login',
      'or name it each time:    --url http://… --token …  (TOCSIN_URL, TOCSIN_TOKEN)',
    ].join('\n'),
  );
}
