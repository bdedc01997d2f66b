import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roles } from '../people.ts';
import { type CallerName, callerNames } from './callers.ts';
import { type DescribedOperation, isAddressOf } from './document.ts';
import { judge } from './exchange.ts';
import { runFuzzer } from './fuzzer.ts';
import { validDraft } from './requests.ts';
import { runs, seed } from './settings.ts';

const fuzzer = await runFuzzer();
const { operations, conformance, callers, call } = fuzzer;
const cases = operations.map((operation) => ({ ...operation, operation }));
const secured = cases.filter((operation) => operation.secured);

const callersOf = (operation: DescribedOperation): fc.Arbitrary<CallerName> =>
  operation.secured ? fc.constantFrom(...callerNames) : fc.constantFrom('nobody', 'administrator');

const sendValid = async (operation: DescribedOperation): Promise<void> => {
  const example = fc.record({ draft: validDraft(operation), caller: callersOf(operation) });
  const property = fc.asyncProperty(example, async (sending) => {
    const exchange = await fuzzer.send(operation, sending);
    judge(exchange, await fuzzer.validFault(exchange));
  });
  await fc.assert(property, { seed, numRuns: runs });
};

const withMethod = (wanted: string) => cases.filter(({ method }) => method === wanted);
const whatIsAllowed = '$name: what the document allows is answered as it says';

// Things are changed and read when there are some. One write follows another, so that a seed always tells the same
// story; reads do not disturb each other.
test.each(['POST', 'PUT', 'PATCH'].flatMap(withMethod))(whatIsAllowed, ({ operation }) =>
  sendValid(operation),
);
test.concurrent.each(withMethod('GET'))(whatIsAllowed, ({ operation }) => sendValid(operation));
test.each(withMethod('DELETE'))(whatIsAllowed, ({ operation }) => sendValid(operation));

/** A few examples of an operation, the same for each test. */
const few = (operation: DescribedOperation) => fc.sample(validDraft(operation), { seed, numRuns: 3 });

test.each(secured)('$name: every role gets an answer that the document declares', async ({ operation }) => {
  for (const draft of few(operation)) {
    for (const caller of [...roles, 'visitor' as const]) {
      const exchange = await fuzzer.send(operation, { draft, caller });
      judge(exchange, await fuzzer.validFault(exchange));
    }
  }
});

test.each(secured)('$name: without a token, or with a wrong one, it is 401', async ({ operation }) => {
  for (const draft of few(operation)) {
    for (const authorization of [undefined, 'Bearer wrong', 'Basic d3Jvbmc6d3Jvbmc=']) {
      const headers = { ...draft.headers, ...(authorization ? { authorization } : {}) };
      const exchange = await fuzzer.send(operation, { draft: { ...draft, headers }, caller: 'nobody' });
      judge(exchange, conformance.faultOf(operation, exchange.answer));
      judge(exchange, exchange.answer.status === 401 ? null : 'it must be 401');
    }
  }
});

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The methods that the document declares for an address; more than one path can have it. */
function declaredFor(address: string): string[] {
  const declared = operations.filter(({ path }) => isAddressOf(path, address)).map(({ method }) => method);
  return [...new Set([...declared, ...(declared.includes('GET') ? ['HEAD'] : [])])].sort();
}

test.each(cases)(
  '$path: other methods are 405, and Allow lists those that are declared',
  async ({ path }) => {
    const address = path.replaceAll(/\{\w+\}/g, '00000000-0000-7000-8000-00000000ffff');
    const declared = declaredFor(address);
    for (const method of methods.filter((name) => !declared.includes(name))) {
      const answer = await call(address, { method });
      const allow = (answer.headers.get('allow') ?? '').split(/, */).sort();
      expect([method, answer.status, allow]).toEqual([method, 405, declared]);
      if (method !== 'HEAD') expect(conformance.problemFault(answer)).toBeNull();
    }
  },
);

test('whoever called can still call', async () => {
  for (const caller of callerNames) {
    const answer = await call('/me', { token: await callers.tokenOf(caller) });
    expect([caller, answer.status]).toEqual([caller, 200]);
  }
});
