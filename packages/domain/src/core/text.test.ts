import fc from 'fast-check';
import { expect, test } from 'vitest';
import { text } from './text.ts';

const line = text({ max: 200, line: true });
const accepts = (value: string): boolean => line.safeParse(value).success;

test('a line has 1 to 200 characters, and one outside the basic plane counts as one', () => {
  expect(accepts('x'.repeat(200))).toBe(true);
  expect(accepts('x'.repeat(201))).toBe(false);
  expect(accepts('😀'.repeat(200))).toBe(true);
  expect(accepts('😀'.repeat(201))).toBe(false);
  expect(accepts('')).toBe(false);
  expect(accepts(' \t\u00a0\u3000')).toBe(false);
});

test('NUL and lone surrogates are refused, wherever they stand', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, after) => {
      for (const bad of ['\0', '\ud800', '\udc00']) expect(accepts(`${before}x${bad}x${after}`)).toBe(false);
    }),
  );
});

test('what is accepted is kept as sent, but for the white space around it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (value) => {
      const parsed = line.safeParse(value);
      if (parsed.success) expect(parsed.data).toBe(value.trim());
    }),
  );
});

test('beyond lines white space is kept, and may be all there is', () => {
  expect(text({ max: 10 }).parse(' \n ')).toBe(' \n ');
});
