import fc from 'fast-check';
import type { Schema } from './document.ts';
import { validOf } from './valid.ts';
import { branchesOf, conforms } from './values.ts';

/** A value that its schema refuses, and the place in it that is to blame. */
export interface Broken {
  readonly value: unknown;
  readonly path: readonly (string | number)[];
}

/** One constraint of a schema, and values that keep all others. */
export interface Breach {
  readonly what: string;
  readonly broken: fc.Arbitrary<Broken>;
}

/** A way to break each constraint that a schema has, however deep it stands. */
export function breachesOf(schema: Schema): Breach[] {
  const isRefused = ({ value }: Broken) => !conforms(schema, value);
  const branches = branchesOf(schema);
  if (branches) return branches.flatMap(breachesOf).flatMap((breach) => possible(breach, isRefused));
  const own = ownBreaches(schema).flatMap((breach) => possible(breach, isRefused));
  return [...own, ...itemBreaches(schema), ...memberBreaches(schema)];
}

/** A breach whose values are among those that a rule lets through; nothing where there are hardly any. */
export function possible({ what, broken }: Breach, rule: (broken: Broken) => boolean): Breach[] {
  const tries = fc.sample(broken, { numRuns: 20, seed: 1 });
  return tries.some(rule) ? [{ what, broken: broken.filter(rule) }] : [];
}

const here = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Broken> =>
  values.map((value) => ({ value, path: [] }));

const ofEveryType = [null, true, 7, 1.5, 'x', '', [], ['x'], {}, { x: 1 }];

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

/** What else a string can be that a pattern, an enumeration or a format may refuse. */
const odd = ['\0', 'a\0b', ' ', '\t', 'a\nb', 'a\u007fb', 'a\u0085b', 'a,b', 'é', 'x', '0', '-1', '#'];
const oddMoments = [
  'yesterday',
  '2026-01-31',
  '2026-13-01T00:00:00Z',
  '2026-01-31T25:00:00Z',
  '2026-01-31 09:30',
];
const oddStrings = fc.oneof(
  fc.constantFrom(...odd, ...oddMoments, 'not-a-uuid', 'x@', '@example.com', 'a@b'),
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
);

/** Breaches of what a schema says of the value itself. */
function ownBreaches(schema: Schema): Breach[] {
  const { minimum, maximum, minLength = 0, maxLength, pattern, format } = schema;
  const types = [schema.type ?? []].flat();
  const others = ofEveryType.filter((value) => !types.includes(typeOf(value)));
  const string = types.includes('string');
  const ways: [string, boolean, () => fc.Arbitrary<unknown>][] = [
    ['type', types.length > 0, () => fc.constantFrom(...others)],
    ['enum', schema.enum !== undefined, () => otherCase(schema.enum ?? [])],
    ['minimum', minimum !== undefined, () => fc.constantFrom((minimum ?? 0) - 1, -(2 ** 31))],
    ['maximum', maximum !== undefined, () => fc.constantFrom((maximum ?? 0) + 1, 1e21)],
    ['minLength', minLength > 0, () => fc.constant('a'.repeat(minLength - 1))],
    ['maxLength', maxLength !== undefined, () => tooLong(schema)],
    ['pattern', string && pattern !== undefined, () => oddStrings.filter((text) => !matches(schema, text))],
    ['format', string && format !== undefined, () => oddStrings],
  ];
  return ways.flatMap(([what, applies, values]) => (applies ? [{ what, broken: here(values()) }] : []));
}

const matches = ({ pattern = '' }: Schema, text: string): boolean => new RegExp(pattern, 'u').test(text);

const otherCase = (values: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(...values).map((value) => String(value).toUpperCase()),
    fc.constantFrom(...values).map((value) => `${value} `),
    oddStrings,
  );

const tooLong = ({ maxLength = 0 }: Schema): fc.Arbitrary<string> =>
  fc.constantFrom('a', 'é', '😀').map((character) => character.repeat(maxLength + 1));

function itemBreaches({ items, minItems = 0, maxItems }: Schema): Breach[] {
  if (!items) return [];
  const item = validOf(items);
  const few = fc.array(item, { minLength: Math.max(0, minItems - 1), maxLength: Math.max(2, minItems - 1) });
  const times = (count: number) => here(item.map((value) => Array.from({ length: count }, () => value)));
  return [
    ...(minItems > 0 ? [{ what: 'minItems', broken: times(minItems - 1) }] : []),
    ...(maxItems === undefined ? [] : [{ what: 'maxItems', broken: times(maxItems + 1) }]),
    ...breachesOf(items).map(({ what, broken }) => ({
      what: `[] ${what}`,
      broken: fc.tuple(few, broken).map(([before, { value, path }]) => ({
        value: [...before, value],
        path: [before.length, ...path],
      })),
    })),
  ];
}

function memberBreaches(schema: Schema): Breach[] {
  const { properties, required = [], additionalProperties } = schema;
  if (!properties) return [];
  const whole = validOf(schema) as fc.Arbitrary<object>;
  const without = (name: string): Breach => ({
    what: `${name} missing`,
    broken: whole.map((value) => ({
      value: Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)),
      path: [name],
    })),
  });
  const added = (name: string): Breach => ({
    what: `additional ${name}`,
    broken: whole.map((value) => ({
      value: Object.fromEntries([...Object.entries(value), [name, 'x']]),
      path: [name],
    })),
  });
  return [
    ...required.map(without),
    ...(additionalProperties === false ? ['unexpected', '__proto__', 'a/b~c'].map(added) : []),
    ...Object.entries(properties).flatMap(([name, member]) =>
      breachesOf(member).map(({ what, broken }) => ({
        what: `${name} ${what}`,
        broken: fc.tuple(whole, broken).map(([value, { value: wrong, path }]) => ({
          value: { ...value, [name]: wrong },
          path: [name, ...path],
        })),
      })),
    ),
  ];
}
