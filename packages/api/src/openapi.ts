import { generateOpenApiDocument } from 'trpc-to-openapi';
import { z } from 'zod';
import { describeNarrowed, narrowedInWords } from './openapi-narrowed.ts';
import { disclosureOf, permissions } from './permissions.ts';
import { exampleOfProblem, Problem } from './problem.ts';
import { hasBody, hasVersion, type Operation, operationsOf, takesVersion } from './rest.ts';
import { appRouter } from './router.ts';

type Document = ReturnType<typeof generateOpenApiDocument>;
type Json = Record<string, unknown>;

const reasons: Readonly<Record<number, string>> = {
  400: 'The request cannot be parsed, or its cursor is not one of ours',
  401: 'No token, or not a valid one',
  403: 'Not allowed; where it is for single fields, `errors` names them',
  404: 'No such thing, for this caller',
  406: 'No acceptable type: answers are application/json',
  408: 'The body did not arrive in time; the connection is closed',
  409: 'The state forbids it, or a request with this `Idempotency-Key` is under way',
  412: 'It does not have this version any more; `version` is the one it has',
  413: 'The body is larger than 1 MiB',
  415: 'The body is not application/json',
  422: 'Well-formed, but against the schema or a rule',
  429: 'Tried too often: try again after `Retry-After` seconds',
  500: 'A defect on our side; the log has it under the request id',
  503: 'Not now: try again after `Retry-After` seconds',
};

const successes: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Made',
  204: 'Done; there is nothing to say',
};

const introduction = `An incident and ticket desk for IT operations that you can program.

- **Who**: send \`Authorization: Bearer <token>\`: of a login (\`POST /sessions\`) or an API token (\`POST /tokens\`). Only
  health, this documentation, logging in and redeeming a password reset answer without one.
- **Allowed** is what \`GET /permissions\` says, on every door alike. What the caller may not know of is 404, as if it were
  not there; a field that they may not see is absent, one that they may not set is 403.
- **Tickets** are named by their number or their key: \`42\` and \`INC-42\` are the same.
- **Problems** are \`application/problem+json\` (RFC 9457) with a stable \`code\`; \`errors\` points at what is wrong: a JSON
  pointer into the body, or the name of a parameter. Every answer has an \`X-Request-Id\`, and so has the log.
- **Nothing is dropped silently**: unknown fields and unknown parameters are 422.
- **Retries are safe**: send an \`Idempotency-Key\` with a write, and the same again when you did not hear the answer: it is
  done once, and answered the same for 24 hours, with \`Idempotent-Replayed: true\`.
- **Nobody overwrites** what they have not seen: an answer's \`ETag\` is its version, \`If-Match\` on a write wants that
  version still to be there (412 otherwise), \`If-None-Match\` on a read is 304 while nothing has changed.
- **Limits**: a caller who asks too often gets 429, a desk that has too much to do answers 503; both say in
  \`Retry-After\` how many seconds to wait.
- **Lists** are \`{ items, nextCursor }\`. Follow \`nextCursor\` (or \`Link: …; rel="next"\`) to read everything: nothing is
  skipped, nothing comes twice. A page may hold fewer than \`limit\`, for it is bounded in bytes as well (about 1 MiB; in a
  batch over tRPC about 8 MiB for all calls together): only \`nextCursor: null\` is the end. \`offset\` is for people who
  leaf through.
- **Times** are RFC 3339 in UTC with milliseconds.`;

/**
 * The OpenAPI 3.1 document of every procedure with a REST address.
 * @param version of Tocsin
 */
export function openApiDocument(version: string): Document {
  const document = generateOpenApiDocument(appRouter, {
    title: 'Tocsin',
    description: introduction,
    version,
    baseUrl: '/',
    openApiVersion: '3.1.1',
    license: { name: 'MIT', identifier: 'MIT' },
    tags: [
      'Tickets',
      'Views',
      'Users',
      'Teams',
      'Services',
      'Sessions',
      'Tokens',
      'Permissions',
      'Audit',
      'Imports',
      'Health',
    ],
    securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token of Tocsin' } },
    defs: { Problem },
  });
  for (const operation of operationsOf(appRouter)) {
    const described = document.paths?.[operation.path]?.[
      operation.method.toLowerCase() as 'get'
    ] as unknown as Json;
    complete(described, operation);
    describeNarrowed(described, operation, (document.components?.schemas ?? {}) as Record<string, Json>);
  }
  return tidy(document);
}

/** Leaves out the generator's own error shapes, which nothing refers to, and the page-long pattern beside `date-time`. */
function tidy(document: Document): Document {
  const schemas = document.components?.schemas ?? {};
  for (const name of Object.keys(schemas)) if (name.startsWith('error.')) delete schemas[name];
  // `fields` leaves out what it does not name. The schema itself has all of them, as a call without `fields` is answered.
  Object.assign(schemas.ListedTicket ?? {}, { required: ['id'] });
  return JSON.parse(JSON.stringify(document), (_key, value) => {
    if (value?.format === 'date-time') delete value.pattern;
    return value;
  });
}

/** What trpc-to-openapi leaves out: the true status of success, problems, headers, examples, how lists are written. */
function complete(described: Json, operation: Operation): void {
  const { 200: success, ...failures } = described.responses as Record<string, Json>;
  const failing = [...Object.keys(failures), ...(takesVersion(operation) ? ['412'] : [])];
  const reading = operation.method === 'GET';
  described.operationId = operation.name;
  described.description =
    [described.description, scopeNote(operation)].filter(Boolean).join('\n\n') || undefined;
  if (hasBody(operation)) leaveVersionOut(described.requestBody as Json);
  else delete described.requestBody;
  described.parameters = [...((described.parameters ?? []) as Json[]), ...headerParameters(operation)];
  described.security = operation.open ? [] : [{ token: [] }];
  described.responses = {
    [operation.status]: successResponse(success as Json, operation),
    ...(reading && hasVersion(operation)
      ? { 304: { description: 'Nothing has changed', headers: versionHeaders } }
      : {}),
    ...Object.fromEntries(failing.map((status) => [status, problemResponse(Number(status))])),
  };
  for (const parameter of described.parameters as Json[]) completeParameter(parameter);
}

/** Lists are written with commas; and a page shows what a parameter is for only where the parameter itself says it. */
function completeParameter(parameter: Json): void {
  const { description, ...schema } = parameter.schema as Json;
  if (description !== undefined) Object.assign(parameter, { description, schema });
  if (schema.type === 'array') Object.assign(parameter, { style: 'form', explode: false });
}

/** What REST takes as the header `If-Match` has no place in a body. */
function leaveVersionOut({ content }: Json): void {
  const [media] = Object.values(content as Record<string, { schema: { properties?: Json } }>);
  delete media?.schema.properties?.ifVersion;
}

const headerParameter = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string', ...schema },
});

const idempotencyKey = headerParameter(
  'Idempotency-Key',
  'Chosen at random for each write; the same key and request within 24 hours gets the first answer again',
  { minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
);
const examples = ['"3"'];
const tags = { examples, pattern: '^(\\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$' };
const ifMatch = headerParameter('If-Match', 'Only if it still has this version', tags);
// What is no entity tag is no version that there could be, and a read of it is answered whole.
const ifNoneMatch = headerParameter('If-None-Match', 'Only if it has another version; else 304', {
  examples,
});

const headerParameters = (operation: Operation): Json[] => [
  ...(operation.method === 'GET' ? [] : [idempotencyKey]),
  ...(takesVersion(operation) ? [ifMatch] : []),
  ...(operation.method === 'GET' && hasVersion(operation) ? [ifNoneMatch] : []),
];

/** What a token that is narrowed by scopes must have. */
function scopeNote(operation: Operation): string | null {
  const { permission } = operation;
  if (permission === undefined || permission === 'open') return null;
  const { scope } = permissions[permission];
  if (scope === 'any') return null;
  if (scope === 'whole') return 'Not for a token that is narrowed by scopes.';
  const disclosure = disclosureOf(operation);
  return `Scope: \`${scope}\`${disclosure ? `; ${narrowedInWords(disclosure)}` : ''}.`;
}

const requestIdHeader = {
  required: true,
  description: 'Of this request, as the log has it',
  schema: { type: 'string' },
};

const versionHeaders = {
  'X-Request-Id': requestIdHeader,
  ETag: { required: true, description: 'The version, in quotes', schema: { type: 'string' } },
};
const replayedHeader = {
  'Idempotent-Replayed': {
    description: '`true`: this is the answer to an earlier request with the same `Idempotency-Key`',
    schema: { type: 'string', enum: ['true'] },
  },
};

function successResponse(response: Json, operation: Operation): Json {
  const { status, location, path } = operation;
  const { content, ...rest } = response;
  const isList = inputSchemaOf(operation).properties.cursor !== undefined;

  return {
    ...rest,
    ...(status === 204 ? {} : { content }),
    description: successes[status],
    headers: {
      'X-Request-Id': requestIdHeader,
      ...(operation.method === 'GET' ? {} : replayedHeader),
      ...(hasVersion(operation) ? versionHeaders : {}),
      ...(location
        ? { Location: { required: true, description: 'Where it is', schema: { type: 'string' } } }
        : {}),
      ...(isList
        ? { Link: { description: `The next page of ${path}, as rel="next"`, schema: { type: 'string' } } }
        : {}),
    },
  };
}

const count = (description: string) => ({ required: true, description, schema: { type: 'integer' } });
const rateLimitHeaders = {
  'RateLimit-Limit': count('How often it may be tried'),
  'RateLimit-Remaining': count('How often it may still be tried'),
  'RateLimit-Reset': count('Seconds until it may be tried again'),
};

const problemResponse = (status: number): Json => ({
  description: reasons[status] ?? '',
  headers: {
    'X-Request-Id': requestIdHeader,
    ...(status === 401
      ? { 'WWW-Authenticate': { required: true, description: 'Bearer', schema: { type: 'string' } } }
      : {}),
    ...(status === 503 || status === 429
      ? { 'Retry-After': { required: true, description: 'Seconds', schema: { type: 'integer' } } }
      : {}),
    ...(status === 429 ? rateLimitHeaders : {}),
  },
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      example: exampleOfProblem(status),
    },
  },
});

/** The JSON schema of an operation's input, by which the REST door reads its parameters. */
export function inputSchemaOf({ procedure }: Operation): { properties: Record<string, Json> } {
  const [input] = (procedure._def as unknown as { inputs: z.ZodType[] }).inputs;
  const schema = input
    ? z.toJSONSchema(input, { io: 'input', reused: 'inline', unrepresentable: 'any' })
    : {};
  return { properties: ((schema as Json).properties ?? {}) as Record<string, Json> };
}
