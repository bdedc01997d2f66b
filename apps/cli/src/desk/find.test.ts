import { expect, test } from 'vitest';
import { deskUrl, findDesk, type Hints, type Places } from './find.ts';

const none: Hints = { url: null, token: null };
const A = 'http://a.example';
const B = 'http://b.example';

interface Known {
  readonly flags?: Partial<Hints>;
  readonly environment?: Partial<Hints>;
  readonly kept?: { url: string; token: string };
  readonly local?: Partial<Hints>;
}

const places = ({ flags, environment, kept, local }: Known): Places => ({
  flags: { ...none, ...flags },
  environment: { ...none, ...environment },
  kept: () => kept ?? null,
  local: async () => ({ ...none, ...local }),
});

const find = (known: Known) => findDesk(places(known));

const kept = { url: A, token: 'kept' };
const local = { url: B, token: 'local' };

test.each<[string, Known, { url: string; token: string; origin: string }]>([
  [
    'options come first',
    { flags: { url: A, token: 't' }, environment: { url: B, token: 'e' }, kept, local },
    { url: A, token: 't', origin: 'given' },
  ],
  [
    'then the environment',
    { environment: { url: B, token: 'e' }, kept },
    { url: B, token: 'e', origin: 'given' },
  ],
  ['then what login kept', { kept, local }, { ...kept, origin: 'login' }],
  ['then the desk of the checkout', { local }, { ...local, origin: 'checkout' }],
  [
    'an option completes the environment',
    { flags: { token: 't' }, environment: { url: A } },
    { url: A, token: 't', origin: 'given' },
  ],
  [
    'a kept token completes its own address',
    { flags: { url: `${A}/` }, kept, local },
    { ...kept, origin: 'login' },
  ],
  [
    'the local token completes its own address',
    { flags: { url: B }, kept, local },
    { ...local, origin: 'checkout' },
  ],
  [
    'a token alone is for the only desk known',
    { flags: { token: 't' }, local },
    { url: B, token: 't', origin: 'given' },
  ],
  [
    'a token alone is for the desk that it opens',
    { flags: { token: 'local' }, kept, local },
    { ...local, origin: 'checkout' },
  ],
])('%s', async (_rule, known, found) => {
  expect(await find(known)).toEqual(found);
});

test.each<[string, Known, RegExp]>([
  [
    'the local token never goes to another address',
    { flags: { url: A }, local },
    /No token is known for the desk at http:\/\/a\.example/,
  ],
  [
    'the kept token never goes to another address',
    { flags: { url: B }, kept },
    /No token is known.*tocsin login --url/s,
  ],
  [
    "the environment's token never goes to another address",
    { flags: { url: A }, environment: { url: B, token: 'e' } },
    /No token is known/,
  ],
  [
    'a token without an address is not sent to the one or the other',
    { flags: { token: 't' }, kept, local },
    /a\.example or http:\/\/b\.example/,
  ],
  ['a token without any desk says what is missing', { flags: { token: 't' } }, /not its desk.*--url/s],
  ['no desk at all says how to get one', {}, /pnpm@12 start.*tocsin login.*--url/s],
  [
    'a local token that cannot be read says how to log in',
    { local: { url: B } },
    /cannot read its token.*tocsin login/s,
  ],
])('%s', async (_rule, known, message) => {
  await expect(find(known)).rejects.toThrow(message);
});

test('neither a damaged file nor a wrong setting matters to whoever names desk and token', async () => {
  const broken = () => {
    throw new Error('not to be asked');
  };
  const found = await findDesk({
    flags: { url: A, token: 't' },
    environment: none,
    kept: broken,
    local: broken,
  });
  expect(found.url).toBe(A);
});

test.each(['foo', 'ftp://a.example', 'http://user:secret@a.example', ''])(
  '%j is no address of a desk',
  (url) => {
    expect(() => deskUrl(url)).toThrow(/not the address of a desk/);
  },
);
