import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyOfCheckout, run } from './checkout.ts';

let checkout: string;
beforeEach(() => {
  checkout = copyOfCheckout();
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

/** Writes another line in place of the field `key` of the schema `Ticket`. */
function replaceKey(line: string): void {
  const file = join(checkout, 'packages/domain/src/tickets/schema.ts');
  const schema = readFileSync(file, 'utf8');
  const changed = schema.replace('    key: z.string()', `    ${line}`);
  expect(changed).not.toBe(schema);
  writeFileSync(file, changed);
}

const typeCheckExample = () => run(checkout, 'tsc', '-p', 'examples', '--pretty', 'false');
const build = () => run(join(checkout, 'packages/client'), 'node', 'scripts/build.ts');

test('renaming an output field in the API breaks the example at compile time', () => {
  expect(typeCheckExample()).toEqual({ status: 0, output: '' });
  replaceKey('ref: z.string()');
  const { status, output } = typeCheckExample();
  expect(status).not.toBe(0);
  expect(output).toMatch(/^examples\/triage\.ts\(.*error TS2339: Property 'key' does not exist/m);
});

test("a packed contract that says something else than the API's types is not built", () => {
  replaceKey("key: z.string().meta({ type: 'integer' })");
  const { status, output } = build();
  expect(status).not.toBe(0);
  expect(output).toContain('"contract.outputs.tickets.get.key"');
});
