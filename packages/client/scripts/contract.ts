import { appRouter, Problem } from '@tocsin/api';
import type { AnyProcedure, AnyRouter } from '@trpc/server';
import { z } from 'zod';
import { comment, type JsonSchema, typeOf } from './typescript.ts';

/** What holds for every procedure. */
const preamble = `
import type {
  TRPC_ERROR_CODE_KEY, TRPC_ERROR_CODE_NUMBER, TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure,
} from '@trpc/server';

type Root = {
  ctx: object;
  meta: object;
  errorShape: {
    message: string;
    code: TRPC_ERROR_CODE_NUMBER;
    data: { code: TRPC_ERROR_CODE_KEY; httpStatus: number; path?: string; problem: Problem };
  };
  transformer: false;
};
type Query<Input, Output> = TRPCQueryProcedure<{ input: Input; output: Output; meta: object }>;
type Mutation<Input, Output> = TRPCMutationProcedure<{ input: Input; output: Output; meta: object }>;
`;

type Tree = AnyRouter['_def']['record'];

/** What is read here of a procedure; tRPC keeps its schemas out of its types. */
interface Procedure {
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly inputs: readonly z.ZodType[];
  readonly output?: z.ZodType;
}

interface Meta {
  readonly openapi?: { method: string; path: string; summary?: string; description?: string };
}

/**
 * TypeScript source that exports the type `AppRouter` of this very API and stands on nothing but `@trpc/server`: what
 * the schemas say, with their names and descriptions, in place of what TypeScript infers through Zod and the domain.
 * `agreement.ts` holds the two to be the same.
 */
export function contractSource(): string {
  const { procedures: all, record } = (appRouter as AnyRouter)._def;
  const procedures = Object.entries(all as Record<string, AnyProcedure>).map(
    ([name, procedure]) => ({ name, ...procedure._def }) as unknown as Procedure,
  );
  const inputs = shapesOf('input', Object.fromEntries(procedures.flatMap(inputOf)));
  const outputs = shapesOf('output', { Problem, ...Object.fromEntries(procedures.map(outputOf)) });
  const types = procedures.map(({ name, type }): [string, string] => [
    name,
    `${kindOf(name, type)}<${inputs.types[name] ?? 'void'}, ${outputs.types[name]}>`,
  ]);
  const members = membersOf(record, new Map(types));
  return `${preamble}${outputs.declarations}${inputs.declarations}
/** Every procedure of a desk. */
export type AppRouter = TRPCBuiltRouter<Root, {\n${members}}>;\n`;
}

/** The members of a router, nested as it is; `types` has each procedure's by its whole name. */
function membersOf(tree: Tree, types: ReadonlyMap<string, string>, path = ''): string {
  const members = Object.entries(tree).map(([key, node]) => {
    const type = types.get(`${path}${key}`);
    return type
      ? `${summaryOf(node as AnyProcedure)}${key}: ${type};\n`
      : `${key}: {\n${membersOf(node as Tree, types, `${path}${key}.`)}};\n`;
  });
  return members.join('');
}

function kindOf(name: string, type: Procedure['type']): string {
  if (type === 'subscription')
    throw new Error(`${name} is a subscription: teach scripts/contract.ts its type`);
  return type === 'query' ? 'Query' : 'Mutation';
}

function inputOf({ name, inputs }: Procedure): [string, z.ZodType][] {
  if (inputs.length > 1) throw new Error(`${name} has several inputs: make them one schema`);
  return inputs.map((input) => [name, input]);
}

function outputOf({ name, output }: Procedure): [string, z.ZodType] {
  if (!output) throw new Error(`${name} has no output schema`);
  return [name, output];
}

function summaryOf({ _def }: AnyProcedure): string {
  const { summary, method, path, description } = (_def.meta as Meta | undefined)?.openapi ?? {};
  return comment(summary && `${summary} (${method} ${path}).`, description);
}

interface Shapes {
  /** The named types that the others refer to. */
  readonly declarations: string;
  readonly types: Readonly<Record<string, string>>;
}

/** The types of schemas as a caller sends them (input) or receives them (output). */
function shapesOf(io: 'input' | 'output', schemas: Record<string, z.ZodType>): Shapes {
  // What an input may leave out, an output may be sure to have: the same schema is two types with two names.
  const suffix = io === 'input' ? 'Input' : '';
  const document = z.toJSONSchema(z.object(schemas), { io, reused: 'inline', unrepresentable: 'any' });
  const named = JSON.parse(JSON.stringify(document), (key, value) =>
    key === '$ref' ? `${value}${suffix}` : value,
  ) as { $defs?: Record<string, JsonSchema>; properties: Record<string, JsonSchema>; required?: string[] };

  const declarations = Object.entries(named.$defs ?? {}).map(
    ([name, schema]) => `${comment(schema.description)}export type ${name}${suffix} = ${typeOf(schema)};\n`,
  );
  const types = Object.entries(named.properties).map(([name, schema]) => [
    name,
    named.required?.includes(name) ? typeOf(schema) : `${typeOf(schema)} | undefined`,
  ]);
  return { declarations: declarations.join(''), types: Object.fromEntries(types) };
}
