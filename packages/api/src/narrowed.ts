import { type Caller, hasScope } from '@tocsin/domain';
import type { Disclosure } from './permissions.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True when the caller may read all of what a write answers. */
export const mayReadAnswer = (caller: Caller, { scope }: Disclosure): boolean => hasScope(caller, scope);

/**
 * The answer of a write as far as the caller's token may read it: whole, or the fields that it wrote. Of a person, team
 * or service that it named it is told the id and not the name.
 */
export function narrowAnswer(
  caller: Caller,
  disclosure: Disclosure,
  call: { input: unknown; answer: unknown },
) {
  const { input, answer } = call;
  if (!isObject(answer)) return answer;
  const { always, others = {} } = disclosure;
  const whole = mayReadAnswer(caller, disclosure);
  const written = new Set(isObject(input) ? Object.keys(input) : []);
  const fields = Object.entries(answer).flatMap(([field, value]): [string, unknown][] => {
    const scope = others[field];
    if (scope !== undefined) return hasScope(caller, scope) ? [[field, value]] : [];
    if (whole || always.includes(field) || written.has(field)) return [[field, value]];
    return written.has(`${field}Id`) ? [[field, withoutName(caller, value)]] : [];
  });
  return Object.fromEntries(fields);
}

const withoutName = (caller: Caller, value: unknown): unknown =>
  isObject(value) && !hasScope(caller, 'users:read') ? { id: value.id } : value;
