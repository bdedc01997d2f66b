import type { Answer } from '../running-app.ts';
import type { CallerName } from './callers.ts';
import type { DescribedOperation } from './document.ts';
import type { WireRequest } from './requests.ts';

/** What was sent, and what came back. */
export interface Exchange {
  readonly operation: DescribedOperation;
  readonly request: WireRequest;
  readonly caller: CallerName;
  readonly answer: Answer;
}

/** Throws the fault of an exchange with all that is needed to see it again; fast-check adds its seed and path. */
export function judge({ request, caller, answer }: Exchange, fault: string | null): void {
  if (!fault) return;
  const { method, url, headers, body } = request;
  const shown = Buffer.isBuffer(body) ? body.toString('hex') : JSON.stringify(body);
  const lines = [
    fault,
    `  as ${caller}: ${method} ${url.slice(0, 500)}`,
    `  ${JSON.stringify(headers)} ${shown?.slice(0, 1000) ?? ''}`,
    `  → ${answer.status} ${answer.text.slice(0, 1000)}`,
  ];
  throw new Error(lines.join('\n'));
}
