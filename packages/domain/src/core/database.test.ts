import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../testing/index.ts';
import { ask } from './index.ts';

test('an array of texts arrives as it was sent, whatever stands in it', async () => {
  const { db } = await testDatabase();
  const part = fc.oneof(
    fc.constantFrom('null', 'NULL', '', '{', '}', ',', '"', '\\', ' ', '{}', 'a,b', '[0:1]={a}'),
    fc.string({ unit: 'grapheme-ascii', maxLength: 6 }),
    fc.constant(null),
  );
  const sent = fc.oneof(
    fc.array(part, { maxLength: 5 }),
    fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 3 }),
  );
  await fc.assert(
    fc.asyncProperty(sent, async (texts) => {
      expect(await ask(db, { sql: 'select ?::text[] as texts', bindings: [texts] })).toEqual([{ texts }]);
    }),
    { numRuns: 300 },
  );
  expect(await ask(db, { sql: `select '[0:1]={a,b}'::text[] as texts`, bindings: [] })).toEqual([
    { texts: ['a', 'b'] },
  ]);
});
