import {
  type ApiContext,
  appRouter,
  DoorError,
  hasBody,
  hasVersion,
  inputSchemaOf,
  type Operation,
  operationsOf,
  pointerOf,
} from '@tocsin/api';
import { invalidInput } from '@tocsin/domain';
import { callTRPCProcedure } from '@trpc/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ParameterSchema, readParameters } from './parameters.ts';
import { sendProblem } from './problems.ts';
import { REPLAYED } from './retry-key.ts';
import { etagOf, ifVersionOf, isKnown } from './versions.ts';

type Fields = Record<string, unknown>;

/** Serves every procedure that has a REST address as a native route, made from its own definition. */
export function registerRest(app: FastifyInstance, contextOf: (request: FastifyRequest) => ApiContext): void {
  for (const operation of operationsOf(appRouter)) {
    const schemas = inputSchemaOf(operation).properties as Record<string, ParameterSchema>;
    app.route({
      method: operation.method,
      url: operation.path.replace(/\{(\w+)\}/g, ':$1'),
      config: { open: operation.open },
      onRequest: (request, reply, done) => {
        if (isAcceptable(request)) done();
        else sendProblem(reply, unacceptable());
      },
      handler: async (request, reply) => {
        const withBody = hasBody(operation);
        try {
          const version = ifVersionOf(operation, request);
          const output = await callTRPCProcedure({
            router: appRouter,
            ctx: contextOf(request),
            getRawInput: async () => inputOf(request, { schemas, withBody, version }),
            path: operation.name,
            type: operation.procedure._def.type,
            signal: undefined,
            batchIndex: 0,
          });
          return answer(reply, operation, output as Fields);
        } catch (error) {
          return sendProblem(reply, error, pointerFor(request, withBody));
        }
      },
    });
  }
}

const unacceptable = () =>
  new DoorError('request.not_acceptable', 'Answers are application/json; accept that');

const acceptable = new Set(['*/*', 'application/*', 'application/json', 'application/problem+json']);

/** Parameters of a range do not matter (there is one representation), but for `q=0`, which excludes it. */
function isAcceptable({ headers: { accept } }: FastifyRequest): boolean {
  if (accept === undefined) return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return acceptable.has(type) && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

interface InputSource {
  readonly schemas: Record<string, ParameterSchema>;
  /** False: the operation has no field that could stand in a body. */
  readonly withBody: boolean;
  /** What a header says of the versions that may be changed. */
  readonly version: { readonly ifVersion?: number[] };
}

/** One input from path, query and body, as the procedure's schema wants it. What has no place in it is refused there. */
function inputOf(request: FastifyRequest, { schemas, withBody, version }: InputSource): unknown {
  const { body } = request;
  refuseBrokenText(request.url);
  const params = request.params as Record<string, string>;
  const query = request.query as Record<string, string | string[]>;
  const fields: unknown = withBody ? body : readParameters(query, schemas);
  refuseNamesakes([...Object.keys(params), 'ifVersion'], fields);
  if (withBody) refuseFields(query);
  else refuseFields(body ?? {});
  if (withBody && !isObject(fields)) return fields;
  return { ...(fields as Fields), ...readParameters(params, schemas), ...version };
}

/** Parameters that are no text (`%ff` is not UTF-8) would be read as something that nobody wrote. */
function refuseBrokenText(url: string): void {
  const begin = url.indexOf('?');
  if (begin === -1 || !url.includes('%', begin)) return;
  try {
    decodeURIComponent(url.slice(begin));
  } catch {
    throw new DoorError(
      'request.malformed',
      'The parameters cannot be read: behind each % stand two digits of UTF-8',
    );
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const noSuchField = (names: string[]) =>
  invalidInput(names.map((name) => ({ path: [name], message: 'There is no such field' })));

/** A body's `id` must not pass for the address's, nor its `ifVersion` for the header's. */
function refuseNamesakes(names: string[], fields: unknown): void {
  const namesakes = names.filter((name) => isObject(fields) && Object.hasOwn(fields, name));
  if (namesakes.length > 0) throw noSuchField(namesakes);
}

/** What stands where an operation takes nothing. */
function refuseFields(fields: unknown): void {
  if (!isObject(fields)) throw invalidInput([{ path: [], message: 'There must be no body' }]);
  const names = Object.keys(fields);
  if (names.length > 0) throw noSuchField(names);
}

/** Parameters are pointed at by their names, fields of a body by JSON pointers. */
function pointerFor(request: FastifyRequest, withBody: boolean): (path: readonly PropertyKey[]) => string {
  const { body } = request;
  const parameters = { ...(request.params as Fields), ...(request.query as Fields) };
  const isNamed = (field: PropertyKey): boolean =>
    !(isObject(body) && Object.hasOwn(body, field)) && (!withBody || Object.hasOwn(parameters, field));
  return (path) => (path[0] !== undefined && isNamed(path[0]) ? String(path[0]) : pointerOf(path));
}

function answer(reply: FastifyReply, operation: Operation, output: Fields): FastifyReply {
  const { status, location } = operation;
  if (reply.request.retryKey?.replayed) reply.headers(REPLAYED);
  if (location)
    reply.header(
      'Location',
      location.replace(/\{(\w+)\}/g, (_, name) => String(output[name])),
    );
  if (typeof output?.nextCursor === 'string')
    reply.header('Link', nextLink(reply.request, output.nextCursor));
  if (hasVersion(operation)) {
    reply.header('ETag', etagOf(output));
    if (operation.method === 'GET' && isKnown(reply.request, output)) return reply.code(304).send();
  }
  return reply.code(status).send(status === 204 ? undefined : output);
}

/** `Link` of the page that follows (RFC 8288), with the same filters. */
function nextLink(request: FastifyRequest, cursor: string): string {
  const [path, ...search] = request.url.split('?');
  const parameters = new URLSearchParams(search.join('?'));
  parameters.delete('offset');
  parameters.set('cursor', cursor);
  return `<${path}?${parameters}>; rel="next"`;
}
