/** A JSON Schema, as far as requests are made from it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Response {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema: Schema }>>;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

/** One operation of the document, with all that it refers to put in its place. */
export interface DescribedOperation {
  readonly name: string;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly secured: boolean;
  readonly parameters: readonly Parameter[];
  /** Undefined: it takes none. */
  readonly body: Schema | undefined;
  readonly responses: Readonly<Record<string, Response>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

// biome-ignore lint/suspicious/noExplicitAny: the document is what is tested; nothing is known of it
type Json = any;

/** A schema that refers to itself is followed so far; what is deeper may be anything. */
const MAX_DEPTH = 5;

/** Puts schemas in the place of what refers to them. */
function inline(document: OpenApi, part: Json, depth = 0): Json {
  if (Array.isArray(part)) return part.map((item) => inline(document, item, depth));
  if (typeof part !== 'object' || part === null) return part;
  const { $ref, ...rest } = part;
  const own = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, inline(document, value, depth)]),
  );
  if (typeof $ref !== 'string') return own;
  if (depth === MAX_DEPTH) return {};
  const name = $ref.split('/').at(-1) ?? '';
  return { ...inline(document, document.components.schemas[name], depth + 1), ...own };
}

/** All operations of a document. */
export function operationsIn(document: OpenApi): DescribedOperation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: operation.operationId,
      method: method.toUpperCase(),
      path,
      secured: operation.security.length > 0,
      parameters: inline(document, operation.parameters ?? []),
      body: inline(document, operation.requestBody?.content['application/json'].schema),
      responses: operation.responses,
    })),
  );
}

/** True where an address can be one of a path with parameters in braces. */
export const isAddressOf = (path: string, address: string): boolean =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(address);

/** The path of the collection that a path names a member of; undefined where it names none. */
export const collectionOf = (path: string): string | undefined => /^(\/.*)\/\{\w+\}$/.exec(path)?.[1];
