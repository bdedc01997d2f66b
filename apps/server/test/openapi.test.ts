import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { runApp } from './running-app.ts';

const { call } = await runApp();
const { body: document } = await call('/openapi.json', { token: null });

interface Described {
  operationId: string;
  summary?: string;
  tags?: string[];
  security?: object[];
  requestBody?: { content: Record<string, { schema: { examples?: unknown[] } }> };
  responses: Record<string, { content?: Record<string, { schema: object; examples?: object }> }>;
}
const operations: [string, Described][] = Object.entries(
  document.paths as Record<string, Record<string, Described>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]): [string, Described] => [`${method} ${path}`, operation]),
);

test('a public validator finds the document to be OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(document));
  expect(result).toMatchObject({ valid: true });
  expect(document.openapi).toMatch(/^3\.1/);
});

test.each(operations)(
  '%s has a summary, a tag, security, its statuses and examples',
  (address, operation) => {
    expect(operation.summary).toBeTruthy();
    expect(operation.tags).toHaveLength(1);
    expect(operation.security).toBeDefined();
    const statuses = Object.keys(operation.responses);
    for (const status of ['400', '406', '422', '500', '503']) expect(statuses).toContain(status);
    if (operation.security!.length > 0) expect(statuses).toEqual(expect.arrayContaining(['401', '403']));
    if (address.includes('{')) expect(statuses).toContain('404');
    if (/^(post|patch|put)/.test(address)) {
      expect(statuses).toEqual(expect.arrayContaining(['413', '415']));
      const { requestBody } = operation;
      if (requestBody) expect(requestBody.content['application/json']!.schema.examples).not.toHaveLength(0);
      else expect(address).toMatch(/password-reset$|unlock$|members/);
    }
    for (const [status, { content }] of Object.entries(operation.responses)) {
      for (const [type, { schema, examples }] of Object.entries(content ?? {})) {
        expect(examples ?? exampleOf(schema), `${address} ${status} ${type}`).toBeTruthy();
      }
    }
  },
);

const exampleOf = (schema: { $ref?: string; examples?: unknown[] }): unknown =>
  schema.$ref ? exampleOf(document.components.schemas[schema.$ref.split('/').at(-1)!]) : schema.examples?.[0];

test('operation ids are the names of the procedures, each once', () => {
  const ids = operations.map(([, { operationId }]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toContain('tickets.create');
});

test('the documentation needs nothing from elsewhere', async () => {
  const page = (await call('/docs', { token: null })).text;
  const addresses = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
  expect(addresses.length).toBeGreaterThan(3);
  for (const address of addresses) {
    expect(address).not.toMatch(/^(https?:)?\/\//);
    expect((await call(`/${address}`, { token: null })).status).toBe(200);
  }
});
