import fc from 'fast-check';
import type { DescribedOperation, Parameter } from './document.ts';
import { pooled, validOf } from './valid.ts';
import { accepts, textOf } from './values.ts';

type Texts = Readonly<Record<string, string>>;

/** A request that is to be sent, before the pool has filled it. */
export interface Draft {
  readonly path: Texts;
  readonly query: Texts;
  readonly headers: Texts;
  /** Undefined sends none. */
  readonly body: unknown;
  /** Which of the things in the pool it speaks of. */
  readonly draw: number;
}

/** A request as it goes on the wire. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Texts;
  readonly body: unknown;
}

/** What can stand as a segment of a path without becoming another path. */
const isSegment = (text: string): boolean => !['', '.', '..'].includes(text) && text.isWellFormed();

/** What fetch lets pass as a header, as it is. */
const isHeader = (text: string): boolean => /^[\x20-\x7e\xa0-\xff]*$/.test(text) && text.trim() === text;

const sendable = { path: isSegment, query: (text: string) => text.isWellFormed(), header: isHeader };

/** True when a parameter's text arrives as it was sent. */
export const isSendable = (parameter: Parameter, text: string): boolean => sendable[parameter.in](text);

/** What a path's parameter names: `teams` for the `id` of `/teams/{id}`, `users` for a `userId`. */
function kindOf({ path }: DescribedOperation, name: string): string {
  if (name.endsWith('Id')) return `${name.slice(0, -2)}s`;
  return path.split('/').at(path.split('/').indexOf(`{${name}}`) - 1) ?? '';
}

const MARK = /^\{\{\w+:[\w-]+\}\}/;

/** The pool fills whole values; in a list of them a mark would stand for itself. */
const unmarked = (item: unknown): unknown => (typeof item === 'string' ? item.replace(MARK, '') : item);

function textsOf(operation: DescribedOperation, parameter: Parameter): fc.Arbitrary<string> {
  const texts = validOf(parameter.schema, parameter.name)
    .map((value) => textOf(Array.isArray(value) ? value.map(unmarked) : value))
    .filter((text) => isSendable(parameter, text))
    .filter((text) => MARK.test(text) || accepts(parameter.schema, text));
  if (parameter.in !== 'path') return texts;
  const known = texts.map((text) => pooled('id', kindOf(operation, parameter.name), text.replace(MARK, '')));
  return fc.oneof({ weight: 3, arbitrary: known }, { weight: 1, arbitrary: texts });
}

function parametersOf(operation: DescribedOperation, place: Parameter['in']): fc.Arbitrary<Texts> {
  const parameters = operation.parameters.filter((parameter) => parameter.in === place);
  const entries = parameters.map((parameter) => [parameter.name, textsOf(operation, parameter)]);
  const requiredKeys = parameters.filter(({ required }) => required).map(({ name }) => name);
  return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<string>>, { requiredKeys });
}

function bodyOf({ body }: DescribedOperation): fc.Arbitrary<unknown> {
  if (!body) return fc.constant(undefined);
  const examples = body.examples ?? [];
  return examples.length === 0
    ? validOf(body)
    : fc.oneof(
        { weight: 9, arbitrary: validOf(body) },
        { weight: 1, arbitrary: fc.constantFrom(...examples) },
      );
}

/** Requests of an operation that conform to the document. */
export const validDraft = (operation: DescribedOperation): fc.Arbitrary<Draft> =>
  fc.record({
    path: parametersOf(operation, 'path'),
    query: parametersOf(operation, 'query'),
    headers: parametersOf(operation, 'header'),
    body: bodyOf(operation),
    draw: fc.nat(9_999),
  });

/** A draft as it goes on the wire. */
export function requestOf({ method, path }: DescribedOperation, draft: Draft): WireRequest {
  const address = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(draft.path[name] ?? ''));
  const query = new URLSearchParams(draft.query);
  const { headers, body } = draft;
  return { method, url: query.size > 0 ? `${address}?${query}` : address, headers, body };
}
