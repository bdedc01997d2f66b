/** The part of JSON Schema that Zod writes and that decides a type. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema | false;
}

/** The type of a schema, as TypeScript text. What a schema says beyond a type (lengths, patterns) is not in it. */
export function typeOf(schema: JsonSchema): string {
  const { $ref, anyOf, oneOf, allOf, type } = schema;
  if ($ref) return nameOf($ref);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (anyOf ?? oneOf) return (anyOf ?? oneOf ?? []).map(typeOf).join(' | ');
  if (allOf) return allOf.map((part) => `(${typeOf(part)})`).join(' & ');
  if (typeof type === 'object') return type.map((one) => typeOf({ ...schema, type: one })).join(' | ');
  if (type === 'array') return arrayOf(schema);
  if (type === 'object') return objectOf(schema);
  return type === 'integer' ? 'number' : (type ?? 'unknown');
}

/** The last step of a reference: `#/$defs/Ticket` is `Ticket`. */
const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

function arrayOf({ items, prefixItems }: JsonSchema): string {
  const list = `Array<${items ? typeOf(items) : 'unknown'}>`;
  if (!prefixItems) return list;
  return `[${[...prefixItems.map(typeOf), ...(items ? [`...${list}`] : [])].join(', ')}]`;
}

function objectOf(schema: JsonSchema): string {
  const { properties = {}, required = [], additionalProperties: others } = schema;
  const members = Object.entries(properties).map(([name, property]) =>
    memberOf(name, property, required.includes(name)),
  );
  if (members.length === 0 && others === false) return 'Record<string, never>';
  if (members.length === 0 && others) return recordOf(schema, others);
  if (others) members.push(`[key: string]: ${typeOf(others)};\n`);
  return `{\n${members.join('')}}`;
}

/** A record whose keys are an enumeration may lack some of them, unless it says that all are required. */
function recordOf(
  { propertyNames = { type: 'string' }, required = [] }: JsonSchema,
  value: JsonSchema,
): string {
  const record = `Record<${typeOf(propertyNames)}, ${typeOf(value)}>`;
  return propertyNames.enum && required.length === 0 ? `Partial<${record}>` : record;
}

function memberOf(name: string, schema: JsonSchema, required: boolean): string {
  const standard = 'default' in schema ? `@default ${JSON.stringify(schema.default)}` : undefined;
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  const type = typeOf(schema);
  return `${comment(schema.description, standard)}${key}${required ? `: ${type}` : `?: ${type} | undefined`};\n`;
}

/** A doc comment of those lines that there are; nothing without any. */
export function comment(...lines: (string | undefined)[]): string {
  const text = lines
    .filter((line) => line)
    .join('\n')
    .replaceAll('*/', '*\\/');
  if (!text.includes('\n')) return text && `/** ${text} */\n`;
  return `/**\n * ${text.replaceAll('\n', '\n * ')}\n */\n`;
}
