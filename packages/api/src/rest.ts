import type { AnyProcedure, AnyRouter } from '@trpc/server';
import type { OpenApiMeta } from 'trpc-to-openapi';
import { z } from 'zod';
import type { PermissionName } from './permissions.ts';

export type RestMethod = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** What a procedure says of its REST address. A type, not an interface: trpc-to-openapi wants an index signature. */
export type Meta = OpenApiMeta<{
  /** The status of success; 200 unless it says otherwise. */
  status?: 200 | 201 | 204;
  /** The address of what was made, with fields of the output in braces: `/tickets/{id}`. */
  location?: string;
  /** What the caller must be allowed to; `open` needs no token. */
  permission?: PermissionName | 'open';
  /** True when its input or its answer holds a secret: what is kept for a retry is sealed by the caller's token. */
  secret?: boolean;
}>;

export interface RestDetails extends Pick<Meta, 'status' | 'location' | 'secret'> {
  readonly description?: string;
  /** Statuses beside those that every operation of its kind can answer. */
  readonly errors?: readonly number[];
  /** True when it answers without a token. */
  readonly open?: boolean;
}

/** The input of a procedure that takes none: whatever is sent all the same is refused, not dropped. */
export const noInput = z.strictObject({}).optional();

/** The output of a procedure that has nothing to say. */
export const noOutput = z.null();

/** A REST address as a procedure declares it: `'PATCH /tickets/{id}/status'`. */
export type Address = `${RestMethod} /${string}`;

/**
 * Says how the procedures of one tag are reached by REST.
 * @returns a function that makes a procedure's meta from its address, its summary and further details
 */
export function restOf(tag: string) {
  return (address: Address, summary: string, details: RestDetails = {}): Meta => {
    const { status = 200, location, description, errors = [], open = false, secret = false } = details;
    const [method, path] = address.split(' ') as [RestMethod, `/${string}`];
    return {
      openapi: {
        method,
        path,
        summary,
        tags: [tag],
        protect: !open,
        errorResponses: statusesOf(method, path, { open, errors }),
        ...(description ? { description } : {}),
      },
      status,
      secret,
      ...(location ? { location } : {}),
    };
  };
}

/** Every status that an operation can answer when it does not succeed. */
function statusesOf(
  method: RestMethod,
  path: string,
  { open, errors }: { open: boolean; errors: readonly number[] },
) {
  const always = [400, 406, 422, 429, 500, 503];
  const writing = method === 'GET' ? [] : [409];
  const guarded = open ? [] : [401, 403];
  const named = path.includes('{') ? [404] : [];
  const withBody = method === 'POST' || method === 'PATCH' || method === 'PUT' ? [408, 413, 415] : [];
  return [...new Set([...always, ...writing, ...guarded, ...named, ...withBody, ...errors])].sort();
}

/** One procedure with its REST address. */
export interface Operation {
  /** As tRPC names it: `tickets.create`. */
  readonly name: string;
  readonly procedure: AnyProcedure;
  readonly method: RestMethod;
  /** With parameters in braces: `/tickets/{id}`. */
  readonly path: string;
  readonly status: number;
  readonly location: string | undefined;
  readonly open: boolean;
  /** Undefined: the procedure declares none, which a test refuses. */
  readonly permission: PermissionName | 'open' | undefined;
}

/** All procedures of a router that have a REST address. */
export function operationsOf(router: AnyRouter): Operation[] {
  const procedures = Object.entries(router._def.procedures as Record<string, AnyProcedure>);
  return procedures.flatMap(([name, procedure]) => {
    const meta = procedure._def.meta as Meta | undefined;
    if (!meta?.openapi) return [];
    const { method, path, protect } = meta.openapi;
    return [
      {
        name,
        procedure,
        method,
        path,
        status: meta.status ?? 200,
        location: meta.location,
        open: protect === false,
        permission: meta.permission,
      },
    ];
  });
}

/** True when an operation takes fields that are not in its address, and so takes a body, if its method has one. */
export function hasBody({
  method,
  path,
  procedure,
}: Pick<Operation, 'method' | 'path' | 'procedure'>): boolean {
  if (method !== 'POST' && method !== 'PATCH' && method !== 'PUT') return false;
  const [input] = (procedure._def as unknown as { inputs: unknown[] }).inputs;
  return fieldsOf(input).some((field) => !path.includes(`{${field}}`));
}

/** The field of an input that REST takes as the header `If-Match`. */
const IF_VERSION = 'ifVersion';

const fieldsOf = (schema: unknown): string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];

/** True when an operation changes only the version that its caller has seen, where they say which. */
export const takesVersion = ({ procedure }: Pick<Operation, 'procedure'>): boolean =>
  fieldsOf((procedure._def as unknown as { inputs: unknown[] }).inputs[0]).includes(IF_VERSION);

/** True when what an operation answers has a version, which REST tells as its `ETag`. */
export const hasVersion = ({ procedure }: Pick<Operation, 'procedure'>): boolean =>
  fieldsOf((procedure._def as unknown as { output: unknown }).output).includes('version');
