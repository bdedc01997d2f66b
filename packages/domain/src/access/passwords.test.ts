import { expect, test, vi } from 'vitest';
import { hashPassword, isPassword } from './passwords.ts';

const verified: string[] = [];
// The library's own work goes on; it is only counted.
vi.mock('@node-rs/argon2', async (original) => {
  const argon2 = await original<typeof import('@node-rs/argon2')>();
  const verify: typeof argon2.verify = (hashed, ...rest) => {
    verified.push(String(hashed));
    return argon2.verify(hashed, ...rest);
  };
  return { ...argon2, verify };
});

test('a password is compared by argon2id once, at the same cost, whether or not there is one to compare with', async () => {
  const kept = await hashPassword('four words nobody guesses');
  expect(await isPassword(kept, 'four words nobody guesses')).toBe(true);
  expect(await isPassword(kept, 'four words somebody guesses')).toBe(false);
  expect(await isPassword(null, 'four words nobody guesses')).toBe(false);
  expect(verified).toHaveLength(3);
  const costs = verified.map((hash) => hash.split('$').slice(1, 4).join('$'));
  expect(new Set(costs)).toEqual(new Set(['argon2id$v=19$m=19456,t=2,p=1']));
});

test('the same password twice is kept as two different hashes, and neither shows it', async () => {
  const [one, other] = await Promise.all([hashPassword('four words'), hashPassword('four words')]);
  expect(one).not.toBe(other);
  expect(one).not.toContain('four words');
});
