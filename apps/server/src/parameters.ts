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
  if (wants(schema, 'array')) return text.split(',').map((item) => readText(item, schema.items ?? {}));
  if (wants(schema, 'integer') && INTEGER.test(text)) return Number(text);
  if (wants(schema, 'boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
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
