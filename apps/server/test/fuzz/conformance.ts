import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Answer } from '../running-app.ts';
import type { DescribedOperation, OpenApi } from './document.ts';
import { accepts, newAjv } from './values.ts';

/** What carries an answer or guards its reader, and is not of an operation. */
const TRANSPORT =
  /^(content-(type|length|encoding|language|security-policy.*)|date|connection|keep-alive|transfer-encoding|vary|cache-control|strict-transport-security|referrer-policy|permissions-policy|origin-agent-cluster|cross-origin-.*|x-(content-type-options|frame-options|xss-protection|dns-prefetch-control|download-options|permitted-cross-domain-policies))$/;

/** Tells what is wrong with answers, by the document alone. */
export class Conformance {
  readonly #ajv = newAjv();

  constructor(document: OpenApi) {
    this.#ajv.addSchema({ ...document, $id: 'doc' });
  }

  /** Everything in which an answer is not as its operation is described; null when it is. */
  faultOf(operation: DescribedOperation, answer: Answer): string | null {
    if (answer.status >= 500) return 'the server failed';
    if (!operation.responses[answer.status])
      return `the status is not one of ${Object.keys(operation.responses).join(', ')}`;
    return this.#bodyFault(operation, answer) ?? headerFault(operation, answer);
  }

  /** In which a problem that the document need not declare is none; null when it is one. */
  problemFault({ status, headers, body }: Answer): string | null {
    if (!headers.get('content-type')?.startsWith('application/problem+json')) return 'it is no problem';
    if (body?.status !== status) return 'the problem tells another status';
    return this.#fault('doc#/components/schemas/Problem', body);
  }

  #bodyFault({ path, method, responses }: DescribedOperation, answer: Answer): string | null {
    const { content } = responses[answer.status] ?? {};
    if (!content) return answer.text === '' ? null : 'there is a body, and none is declared';
    const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
    if (!content[type]) return `the type ${type} is not declared`;
    if (type.endsWith('problem+json')) return this.problemFault(answer);
    const steps = [
      'paths',
      path,
      method.toLowerCase(),
      'responses',
      answer.status,
      'content',
      type,
      'schema',
    ];
    return this.#fault(`doc#/${steps.map(escaped).join('/')}`, answer.body);
  }

  #fault(pointer: string, value: unknown): string | null {
    const validate = this.#ajv.getSchema(pointer) as ValidateFunction | undefined;
    if (!validate) return `there is no schema at ${pointer}`;
    return validate(value)
      ? null
      : `the body does not conform: ${JSON.stringify(validate.errors?.slice(0, 3))}`;
  }
}

const escaped = (step: string | number): string => String(step).replaceAll('~', '~0').replaceAll('/', '~1');

function headerFault({ responses }: DescribedOperation, { status, headers }: Answer): string | null {
  const declared = Object.entries(responses[status]?.headers ?? {});
  for (const [name, { required, schema }] of declared) {
    const text = headers.get(name);
    if (text === null && required) return `the header ${name} is missing`;
    if (text !== null && !accepts(schema, text)) return `the header ${name} does not conform: ${text}`;
  }
  const known = new Set(declared.map(([name]) => name.toLowerCase()));
  const stranger = [...headers.keys()].find((name) => !known.has(name) && !TRANSPORT.test(name));
  return stranger === undefined ? null : `the header ${stranger} is not declared`;
}
