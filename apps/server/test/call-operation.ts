import { hasBody, type Operation } from '@tocsin/api';
import type { Answer, Call, RunningApp } from './running-app.ts';

interface OperationCall extends Pick<Call, 'token' | 'headers'> {
  /** As the procedure takes it: fields of the address, the query and the body together. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Calls an operation by REST: each field of its input goes where its address wants it. */
export function callOperation(
  call: RunningApp['call'],
  operation: Operation,
  { input, ...options }: OperationCall,
): Promise<Answer> {
  const { method, path } = operation;
  const rest = { ...input };
  const url = path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  if (hasBody(operation)) return call(url, { method, json: rest, ...options });
  const query = new URLSearchParams(
    Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return call(query.size > 0 ? `${url}?${query}` : url, { method, ...options });
}
