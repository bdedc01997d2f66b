import fc from 'fast-check';
import { type Broken, breachesOf, possible } from './breaches.ts';
import type { DescribedOperation, Parameter, Schema } from './document.ts';
import { type Draft, isSendable, validDraft } from './requests.ts';
import { accepts, textOf } from './values.ts';

/** A request that the document refuses. */
export interface InvalidDraft {
  readonly draft: Draft;
  /** What its refusal may be. */
  readonly statuses: readonly number[];
  /** The place to which every pointer of a 422 must lead. */
  readonly at: string;
  /** Sent in place of the body, as it is. */
  readonly raw?: string | Buffer;
}

export interface Refusal {
  readonly what: string;
  readonly drafts: fc.Arbitrary<InvalidDraft>;
}

/** Every way to break what an operation's description asks for, each by itself. */
export function refusalsOf(operation: DescribedOperation): Refusal[] {
  const base = validDraft(operation).map((draft) => ({ ...draft, headers: {} }));
  return [
    ...operation.parameters.flatMap((parameter) => parameterRefusals(parameter, base)),
    ...queryRefusals(operation, base),
    ...(operation.body ? bodyRefusals(operation.body, base) : noBodyRefusals(operation, base)),
    header('accept', 'text/html', { base, status: 406 }),
  ];
}

type Base = fc.Arbitrary<Draft>;

const members = { path: 'path', query: 'query', header: 'headers' } as const;

const withText = (draft: Draft, { in: place, name }: Parameter, text: string): Draft => ({
  ...draft,
  [members[place]]: { ...draft[members[place]], [name]: text },
});

function parameterRefusals(parameter: Parameter, base: Base): Refusal[] {
  const { name, schema } = parameter;
  const isRefused = ({ value }: Broken) => {
    const text = textOf(value);
    return isSendable(parameter, text) && !accepts(schema, text);
  };
  // A header's grammar is no input's field: what breaks it cannot be parsed.
  const statuses = parameter.in === 'header' ? [400, 422] : [422];
  const broken = breachesOf(schema)
    .flatMap((breach) => possible(breach, isRefused))
    .map(({ what, broken }) => ({
      what: `${parameter.in} ${name} ${what}`,
      drafts: fc.tuple(base, broken).map(([draft, { value }]) => ({
        draft: withText(draft, parameter, textOf(value)),
        statuses,
        at: name,
      })),
    }));
  return parameter.required && parameter.in !== 'path'
    ? [...broken, { what: `${parameter.in} ${name} missing`, drafts: base.map(without(parameter)) }]
    : broken;
}

const without =
  ({ in: place, name }: Parameter) =>
  (draft: Draft): InvalidDraft => {
    const { [name]: _, ...rest } = draft[members[place]];
    return { draft: { ...draft, [members[place]]: rest }, statuses: [400, 422], at: name };
  };

const queryRefusals = ({ parameters }: DescribedOperation, base: Base): Refusal[] =>
  [
    'unexpected',
    '__proto__',
    ...parameters.filter(({ in: place }) => place === 'path').map(({ name }) => name),
  ].map((name) => ({
    what: `unknown query parameter ${name}`,
    drafts: base.map((draft) => ({
      draft: { ...draft, query: Object.fromEntries([...Object.entries(draft.query), [name, '1']]) },
      statuses: [422],
      at: name,
    })),
  }));

const pointerOf = (path: readonly (string | number)[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function bodyRefusals(schema: Schema, base: Base): Refusal[] {
  const raw = (what: string, body: string | Buffer, status: number): Refusal => ({
    what,
    drafts: base.map((draft) => ({
      draft: { ...draft, headers: { 'content-type': 'application/json' } },
      raw: body,
      statuses: [status],
      at: '',
    })),
  });
  return [
    ...breachesOf(schema).map(({ what, broken }) => ({
      what: `body ${what}`,
      drafts: fc.tuple(base, broken).map(([draft, { value, path }]) => ({
        draft: { ...draft, body: value },
        statuses: [422],
        at: pointerOf(path),
      })),
    })),
    {
      what: 'no body',
      drafts: base.map((draft) => ({ draft: { ...draft, body: undefined }, statuses: [422], at: '' })),
    },
    raw('broken JSON', '{"title": ', 400),
    raw('bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400),
    header('content-type', 'text/plain', { base, status: 415 }),
    header('content-type', 'application/json; charset=latin1', { base, status: 415 }),
  ];
}

/** GET has no body to break. */
const noBodyRefusals = ({ method }: DescribedOperation, base: Base): Refusal[] =>
  method === 'GET'
    ? []
    : [
        {
          what: 'a body where there is none',
          drafts: base.map((draft) => ({
            draft: { ...draft, body: { unexpected: 1 } },
            statuses: [422],
            at: '/unexpected',
          })),
        },
      ];

const header = (name: string, value: string, { base, status }: { base: Base; status: number }): Refusal => ({
  what: `${name}: ${value}`,
  drafts: base.map((draft) => ({
    draft: { ...draft, headers: { ...draft.headers, [name]: value } },
    statuses: [status],
    at: '',
  })),
});
