import fc from 'fast-check';
import { test } from 'vitest';
import { type Exchange, judge } from './exchange.ts';
import { runFuzzer } from './fuzzer.ts';
import { type InvalidDraft, refusalsOf } from './invalid.ts';
import { runs, seed } from './settings.ts';

const fuzzer = await runFuzzer();
const { conformance } = fuzzer;
const cases = fuzzer.operations.map((operation) => ({ ...operation, operation }));

/** An address beyond this may be refused as such, and a body beyond 1 MiB. */
const LONG_ADDRESS = 4000;
const LONG_BODY = 1024 * 1024;

function invalidFault(
  { operation, request, answer }: Exchange,
  { statuses, at }: InvalidDraft,
): string | null {
  const { status, body } = answer;
  if (request.url.length > LONG_ADDRESS && [414, 431].includes(status)) return null;
  if (status === 413 && JSON.stringify(request.body).length > LONG_BODY) return null;
  if (!statuses.includes(status)) return `it must be refused with ${statuses.join(' or ')}`;
  if (status !== 422) return conformance.faultOf(operation, answer);
  const pointers: string[] = (body?.errors ?? []).map(({ pointer }: { pointer: string }) => pointer);
  const leads = (pointer: string) => pointer === at || pointer.startsWith(`${at}/`);
  return pointers.length > 0 && pointers.every(leads)
    ? conformance.faultOf(operation, answer)
    : `every pointer must lead to '${at}'`;
}

// What is refused changes nothing, so these do not disturb each other.
test.concurrent.each(cases)(
  '$name: what the document refuses is refused, with its place',
  async ({ operation }) => {
    const refusals = refusalsOf(operation);
    for (const { what, drafts } of refusals) {
      const property = fc.asyncProperty(drafts, async (invalid) => {
        const exchange = await fuzzer.send(operation, {
          ...invalid,
          caller: operation.secured ? 'administrator' : 'nobody',
        });
        const fault = invalidFault(exchange, invalid);
        judge(exchange, fault && `${what}: ${fault}`);
      });
      await fc.assert(property, { seed, numRuns: Math.ceil(runs / refusals.length) });
    }
  },
);
