import { expect, test } from 'vitest';
import { z } from 'zod';
import { comment, type JsonSchema, typeOf } from '../scripts/typescript.ts';

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { io, reused: 'inline' }) as JsonSchema;
const typed = (schema: z.ZodType, io: 'input' | 'output' = 'output'): string =>
  typeOf(jsonSchema(schema, io)).replaceAll(/\s+/g, ' ');

const Side = z.enum(['left', 'right']);
const Named = z.strictObject({ name: z.string() }).meta({ id: 'Named' });

test.each([
  ['null or a value', z.int().nullable(), 'number | null'],
  ['one of several values', z.literal(['a', 1, null]), '"a" | 1 | null'],
  ['a named type', z.array(Named), 'Array<Named>'],
  ['a list of one of two', z.array(z.union([z.string(), z.boolean()])), 'Array<string | boolean>'],
  ['a tuple', z.tuple([z.string(), Side]), '[string, "left" | "right"]'],
  ['a tuple with a tail', z.tuple([z.string()], z.number()), '[string, ...Array<number>]'],
  ['a record of any keys', z.record(z.string(), z.unknown()), 'Record<string, unknown>'],
  ['a record of all of these keys', z.record(Side, z.number()), 'Record<"left" | "right", number>'],
  [
    'a record of some of these keys',
    z.partialRecord(Side, z.number()),
    'Partial<Record<"left" | "right", number>>',
  ],
  ['an object that holds nothing', z.strictObject({}), 'Record<string, never>'],
  [
    'an object with fields of its own',
    z.looseObject({ a: z.string() }),
    '{ a: string; [key: string]: unknown; }',
  ],
  ['a name that is no identifier', z.strictObject({ 'a-b': z.null() }), '{ "a-b": null; }'],
  [
    'a field that may be missing',
    z.strictObject({ a: Side.optional() }),
    '{ a?: "left" | "right" | undefined; }',
  ],
  ['both of two', z.intersection(Named, z.strictObject({ a: z.null() })), '(Named) & ({ a: null; })'],
  [
    'one of several shapes',
    z.discriminatedUnion('is', [
      z.strictObject({ is: z.literal('a') }),
      z.strictObject({ is: z.literal('b'), b: z.number() }),
    ]),
    '{ is: "a"; } | { is: "b"; b: number; }',
  ],
])('%s', (_what, schema, text) => {
  expect(typed(schema)).toBe(text);
});

test('what has a default may be left out by the caller and is sure in the answer', () => {
  const schema = z.strictObject({ limit: z.int().default(50) });
  expect(typed(schema, 'input')).toBe('{ /** @default 50 */ limit?: number | undefined; }');
  expect(typed(schema, 'output')).toBe('{ /** @default 50 */ limit: number; }');
});

test('no description ends its comment', () => {
  expect(comment('All of /tickets/*/events', undefined)).toBe('/** All of /tickets/*\\/events */\n');
  expect(comment('One', 'Two')).toBe('/**\n * One\n * Two\n */\n');
  expect(comment(undefined)).toBe('');
});
