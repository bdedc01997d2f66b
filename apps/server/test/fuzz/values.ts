import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Schema } from './document.ts';

/** A validator as the document's readers have it. */
export function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv;
}

const ajv = newAjv();
const compiled = new WeakMap<Schema, ValidateFunction>();

/** True when a value conforms to a schema that refers to nothing. */
export function conforms(schema: Schema, value: unknown): boolean {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  return validate(value) as boolean;
}

export const branchesOf = ({ anyOf, oneOf }: Schema): readonly Schema[] | undefined => anyOf ?? oneOf;

const typesOf = (schema: Schema): string[] => [schema.type ?? []].flat() as string[];

/** True when a schema, or one of its branches, takes a type. */
export const wants = (schema: Schema, type: string): boolean =>
  typesOf(schema).includes(type) || (branchesOf(schema)?.some((branch) => wants(branch, type)) ?? false);

/** What the text of a parameter or a header can mean. */
function readingsOf(schema: Schema, text: string): unknown[] {
  const numeric =
    /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) && (wants(schema, 'integer') || wants(schema, 'number'));
  return [
    text,
    ...(numeric ? [Number(text)] : []),
    ...(wants(schema, 'boolean') && /^(true|false)$/.test(text) ? [text === 'true'] : []),
    ...(wants(schema, 'array')
      ? [text.split(',').map((item) => readingsOf(schema.items ?? {}, item).at(-1))]
      : []),
  ];
}

/** True when the text of a parameter or a header means something that its schema takes. */
export const accepts = (schema: Schema, text: string): boolean =>
  readingsOf(schema, text).some((value) => conforms(schema, value));

/** How a value stands in an address or a header. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
