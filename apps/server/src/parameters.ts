/** The part of a JSON schema by which a parameter's text is read. */
export interface ParameterSchema {
  readonly type?: string;
  readonly items?: ParameterSchema;
  readonly anyOf?: readonly ParameterSchema[];
}

const INTEGER = /^-?(0|[1-9]\d*)$/;

const wants = (schema: ParameterSchema, type: string): boolean =>
  schema.type === type || (schema.anyOf?.some((option) => wants(option, type)) ?? false);

/**
 * What a parameter's text means to its schema. Text that means nothing to it stays as it is, and the schema refuses it
 * in its own words; so does a parameter that came twice.
 */
function readText(text: string, schema: ParameterSchema): unknown {
  if (wants(schema, 'array')) return itemsOf(text).map((item) => readText(item, schema.items ?? {}));
  if (wants(schema, 'integer') && INTEGER.test(text)) return Number(text);
  if (wants(schema, 'boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** Up to a comma or the end; what is wholly in quotes may have commas, and `\\"` is a quotation mark in it. */
const ITEM = /(?:"((?:[^"\\]|\\.)*)"|([^,]*))(?:,|$)/gs;

/** The items of a list, which have commas between them. */
function itemsOf(text: string): string[] {
  const items: string[] = [];
  // A comma at the end has one more item behind it, which is empty.
  for (const [whole, quoted, plain = ''] of text.matchAll(ITEM)) {
    items.push(quoted === undefined ? plain : quoted.replaceAll(/\\(["\\])/g, '$1'));
    if (!whole.endsWith(',')) break;
  }
  return items;
}

/** Reads parameters of a path or a query by the schemas of their names. */
export function readParameters(
  parameters: Readonly<Record<string, string | string[]>>,
  schemas: Readonly<Record<string, ParameterSchema>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
      return [name, schema && typeof value === 'string' ? readText(value, schema) : value];
    }),
  );
}
