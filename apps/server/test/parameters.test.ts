import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readParameters } from '../src/parameters.ts';

const list = { names: { type: 'array', items: { type: 'string' } } };
const read = (names: string) => readParameters({ names }, list).names;

test('what stands in quotes in a list is one item, whatever it holds', () => {
  const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  const item = fc.string({ unit: fc.constantFrom('a', ',', '"', '\\', ' ', 'é') });
  fc.assert(
    fc.property(fc.array(item, { minLength: 1 }), (items) => {
      expect(read(items.map(quoted).join(','))).toEqual(items);
    }),
  );
});

test('without quotes at their beginning and end items are what stands between commas', () => {
  const bare = fc.string({ unit: fc.constantFrom('a', '\\', ' ', 'é') }).map((text) => `a${text}`);
  fc.assert(
    fc.property(fc.array(fc.oneof(bare, fc.constant('')), { minLength: 1 }), (items) => {
      expect(read(items.join(','))).toEqual(items);
    }),
  );
  for (const text of ['"a', '"a"b', 'a"', '"', 'a"b"']) expect(read(text)).toEqual([text]);
});
