import { type Disclosure, disclosureOf } from './permissions.ts';
import type { Operation } from './rest.ts';

type Json = Record<string, unknown>;
type Schemas = Record<string, Json>;

/** The answer to a token without the scope to read, in a sentence. */
export const narrowedInWords = ({ scope, always }: Disclosure): string =>
  `without \`${scope}\` the answer holds only ${always.map((field) => `\`${field}\``).join(', ')} and the fields that were written`;

/** Describes the answer of a write as whole, or as a token that is narrowed to less than reading is given it. */
export function describeNarrowed(described: Json, operation: Operation, schemas: Schemas): void {
  const disclosure = disclosureOf(operation);
  const responses = described.responses as Record<string, { content?: Record<string, Json> }>;
  const [media] = Object.values(responses[operation.status]?.content ?? {});
  const { $ref } = (media?.schema ?? {}) as { $ref?: string };
  if (!disclosure || !media || $ref === undefined) return;
  const name = $ref.slice($ref.lastIndexOf('/') + 1);
  const written = `Written${name}`;
  const whole = schemas[name] as Json;
  schemas[written] = writtenSchema(name, whole, disclosure);
  schemas.WrittenReference = writtenReference(schemas.Reference as Json);
  media.schema = { anyOf: [{ $ref }, { $ref: `#/components/schemas/${written}` }] };
  media.examples = examplesOf(whole, disclosure);
}

function writtenSchema(name: string, whole: Json, { scope, always }: Disclosure): Json {
  const properties = JSON.parse(
    JSON.stringify(whole.properties).replaceAll('/schemas/Reference"', '/schemas/WrittenReference"'),
  );
  return {
    type: 'object',
    description: `A ${name} as a write answers it to a token without \`${scope}\`: what the token wrote, and no more`,
    properties,
    required: always,
    additionalProperties: false,
  };
}

const writtenReference = (reference: Json): Json => ({
  ...reference,
  description: 'A person, a team or a service; without the name for a token without `users:read`',
  required: ['id'],
});

function examplesOf({ examples = [] }: Json, { always }: Disclosure): Json {
  const [value] = Object.values(examples as object) as [Json];
  const narrowed = Object.fromEntries(always.map((field) => [field, value[field]]));
  return {
    whole: { value },
    narrowed: { summary: 'To a token that may not read, of a write without fields', value: narrowed },
  };
}
