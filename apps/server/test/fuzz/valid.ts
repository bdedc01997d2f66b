import fc from 'fast-check';
import type { Schema } from './document.ts';
import { branchesOf, conforms } from './values.ts';

/**
 * Stands for what the pool has: an id of a kind, or a field of something that was made before. Behind it stands what to
 * say while there is none.
 */
export const pooled = (kind: 'id' | 'field', name: string, otherwise: string): string =>
  `{{${kind}:${name}}}${otherwise}`;

/** The kind of thing that a field's name speaks of: `teamId` of teams; of anything where it says nothing. */
const kindOf = (name: string): string => (/^\w+Id$/.test(name) ? `${name.slice(0, -2)}s` : 'any');

/** Values that conform to a schema; of a field with this name. */
export function validOf(schema: Schema, name = ''): fc.Arbitrary<unknown> {
  const branches = branchesOf(schema);
  if (branches) return fc.oneof(...branches.map((branch) => validOf(branch, name)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type) => validOf({ ...schema, type }, name)));
  return makers[String(schema.type)]?.(schema, name) ?? fc.jsonValue();
}

const makers: Readonly<Record<string, (schema: Schema, name: string) => fc.Arbitrary<unknown>>> = {
  null: () => fc.constant(null),
  boolean: () => fc.boolean(),
  integer: ({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }) =>
    fc.oneof(fc.integer({ min: minimum, max: maximum }), fc.constantFrom(minimum, maximum)),
  number: ({ minimum = -1e9, maximum = 1e9 }) =>
    fc.double({ min: minimum, max: maximum, noNaN: true, noDefaultInfinity: true }),
  string: stringOf,
  array: arrayOf,
  object: objectOf,
};

/** Longer lists than this only cost time. */
const MANY = 8;

function arrayOf({ items = {}, minItems = 0, maxItems = MANY }: Schema, name: string) {
  const maxLength = Math.max(minItems, Math.min(maxItems, MANY));
  return fc.array(validOf(items, name), { minLength: minItems, maxLength });
}

function objectOf({ properties = {}, required = [] }: Schema) {
  const members = Object.entries(properties).map(([name, schema]) => [name, validOf(schema, name)]);
  return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [...required],
  });
}

function stringOf(schema: Schema, name: string): fc.Arbitrary<string> {
  const fits = (text: string) => conforms(schema, text);
  if (schema.format === 'uuid') {
    const uuid = fc.uuid().filter(fits);
    return fc.oneof({ weight: 4, arbitrary: uuid.map((id) => pooled('id', kindOf(name), id)) }, uuid);
  }
  if (schema.format === 'date-time') return moment;
  const plain = plainOf(schema).filter(fits);
  const edges = edgesOf(schema).filter(fits);
  return fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: name === '' ? 0 : 3, arbitrary: plain.map((text) => pooled('field', name, text)) },
    { weight: 1, arbitrary: edges.length > 0 ? fc.constantFrom(...edges) : plain },
  );
}

/** The shortest and the longest that a schema takes. */
const edgesOf = ({ minLength = 0, maxLength = minLength }: Schema): string[] =>
  [minLength, maxLength].map((length) => 'a'.repeat(length));

const units = ['binary', 'grapheme', 'grapheme-ascii'] as const;

function plainOf({ pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  const known = pattern && matching(pattern);
  if (known) return known;
  const longest = Math.max(minLength, Math.min(maxLength, 40));
  const texts = units.map((unit) => fc.string({ unit, minLength, maxLength: longest }));
  return fc.oneof(...texts).filter((value) => value.isWellFormed());
}

const made = new Map<string, fc.Arbitrary<string> | undefined>();

/** What matches a pattern, made once, for a class of characters takes its time. */
function matching(pattern: string): fc.Arbitrary<string> | undefined {
  if (!made.has(pattern)) made.set(pattern, makeMatching(pattern));
  return made.get(pattern);
}

/** Undefined where fast-check cannot make what matches, and the pattern has to sort out. */
function makeMatching(pattern: string): fc.Arbitrary<string> | undefined {
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'));
  } catch {
    return undefined;
  }
}

/** Times of RFC 3339 in which the desk can have been, in several zones. */
const moment = fc
  .tuple(
    fc.date({ min: new Date('1900-01-02'), max: new Date('9999-12-29'), noInvalidDate: true }),
    fc.constantFrom('Z', '+00:00', '-03:30', '+14:00'),
  )
  .map(([date, zone]) => date.toISOString().replace('Z', zone));
