import {
  abilityOf,
  actAs,
  type Caller,
  DomainError,
  forbidden,
  Receipt,
  type SubjectName,
  unauthenticated,
} from '@tocsin/domain';
import { getTRPCErrorFromUnknown, initTRPC, type TRPCError } from '@trpc/server';
import type { z } from 'zod';
import type { ApiContext, RetryKey } from './context.ts';
import { mayReadAnswer, narrowAnswer } from './narrowed.ts';
import {
  type Disclosure,
  disclosureOf,
  type Permission,
  type PermissionName,
  permissions,
} from './permissions.ts';
import { type ProblemAnswer, rateLimited, toProblem, trpcError } from './problem.ts';
import type { Meta } from './rest.ts';
import { useOurWords } from './wording.ts';

useOurWords();

/** What a failed call of the tRPC door means. Without a token a caller is not told which procedures there are. */
export function tellTrpc(error: TRPCError, ctx: ApiContext | undefined): ProblemAnswer {
  const noSuchProcedure = error.code === 'NOT_FOUND' && error.cause === undefined;
  return toProblem(noSuchProcedure && !ctx?.caller ? unauthenticated() : error, ctx?.requestId ?? null);
}

/** Every error on the tRPC door carries the same problem that REST answers, as `data.problem`. */
const trpc = initTRPC
  .context<ApiContext>()
  .meta<Meta>()
  .create({
    isDev: false,
    errorFormatter: ({ error, shape, ctx, path }) => ({ ...shape, ...trpcError(tellTrpc(error, ctx), path) }),
  });

export const router = trpc.router;

/**
 * Makes the shape of an answer one that calls are not held to once more, which was an eighth of what a list costs: the
 * compiler holds the use case to it, and the tests every door to the document. Clients and the document have it as any other.
 * @param schema of a router's own; used as an answer elsewhere, it would not be checked there, either
 */
export const asTyped = <T extends z.ZodType>(schema: T): T =>
  Object.assign(schema, {
    parse: (answer: z.output<T>) => answer,
    parseAsync: async (answer: z.output<T>) => answer,
  });

type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: TRPCError };

function observe<T extends Outcome>({ ctx, path }: Call, run: () => Promise<T>): Promise<T> {
  if (!ctx.observer) return run();
  const statusOf = (outcome: T): number => (outcome.ok ? 200 : tellTrpc(outcome.error, ctx).problem.status);
  return ctx.observer.around({ name: path, run, statusOf });
}

/**
 * What stands around the work of every procedure, in one piece, for tRPC copies context and call for each. Observed
 * around everything else, refusals included. A call in a batch that was granted fewer is told so by itself; the rest is
 * carried out.
 */
async function around<T extends Outcome>(call: Call, run: () => Promise<T>): Promise<T> {
  const { rate } = call.ctx;
  const work = async (): Promise<T | Refusal> => {
    try {
      if (rate !== null && rate.used++ >= rate.granted) throw rateLimited(rate);
      const outcome = await run();
      // A replayed answer may be that of another process, so it waits like the first one.
      if (outcome.ok && changesCredentials(call)) await call.ctx.forgetRevoked();
      return outcome;
    } catch (cause) {
      return new Refusal(getTRPCErrorFromUnknown(cause));
    }
  };
  const outcome = await observe<T | Refusal>(call, work);
  if (outcome instanceof Refusal) throw outcome.error;
  return outcome;
}

/** True for a write that can change who may do what, which every process remembers until it hears of it. */
function changesCredentials({ type, meta }: Call): boolean {
  if (type !== 'mutation') return false;
  if (meta?.permission === undefined || meta.permission === 'open') return true;
  const { gate } = permissions[meta.permission];
  return gate === null || credentialSubjects.has(gate.subject);
}

const credentialSubjects: ReadonlySet<SubjectName> = new Set(['User', 'Team', 'Token']);

/** What was refused before tRPC made an outcome of it. */
class Refusal {
  readonly ok = false;
  readonly error: TRPCError;

  constructor(error: TRPCError) {
    this.error = error;
  }
}

/** A procedure that answers without a token. Only what the contract names may be one. */
export const open = trpc.procedure
  .meta({ permission: 'open' })
  .use((call) =>
    around(call, () => withReceipt(call, (receipt) => call.next({ ctx: { ...call.ctx, receipt } }))),
  );

/**
 * A procedure for those who have shown a valid token that goes this far, and whose role can have this permission at all;
 * its `ctx` is what use cases take. Which rows and fields it is for, the use case decides by the same rules.
 */
export const can = (name: PermissionName) =>
  trpc.procedure.meta({ permission: name }).use((call) =>
    around(call, () => {
      const { caller, callerFault } = call.ctx;
      if (!caller) throw callerFault ?? unauthenticated();
      checkScope(caller, permissions[name]);
      const ability = abilityOf(caller);
      const { gate } = permissions[name];
      if (gate && !ability.mightEver(gate.action, gate.subject)) throw denied();
      return narrowed(call, () =>
        withReceipt(call, (receipt) => call.next({ ctx: actAs({ ...call.ctx, receipt }, caller, ability) })),
      );
    }),
  );

/** Runs a call, and takes from its outcome what the caller's token may not read. Replayed answers go this way, too. */
function narrowed<T extends Outcome>(call: Call, run: () => Promise<T>): Promise<T> {
  const { caller } = call.ctx;
  // Most tokens are not narrowed and most calls read: another promise for each would cost some percent of a small one.
  if (!caller || caller.credential.scopes === null) return run();
  const disclosure = disclosureOf({ permission: call.meta?.permission });
  return disclosure ? narrow(call, { caller, disclosure }, run) : run();
}

async function narrow<T extends Outcome>(
  { getRawInput }: Call,
  { caller, disclosure }: { readonly caller: Caller; readonly disclosure: Disclosure },
  run: () => Promise<T>,
): Promise<T> {
  const outcome = await run();
  if (outcome.ok) {
    const { data } = outcome as { data?: unknown };
    const input = await getRawInput();
    return { ...outcome, data: narrowAnswer(caller, disclosure, { input, answer: data }) };
  }
  const { cause } = outcome.error;
  if (cause instanceof DomainError && !mayReadAnswer(caller, disclosure)) throw cause.discreet();
  return outcome;
}

/** A call of a procedure, as far as its receipt and its observer are concerned. */
interface Call {
  readonly ctx: ApiContext;
  readonly type: string;
  readonly path: string;
  readonly meta: Meta | undefined;
  getRawInput(): Promise<unknown>;
}

/** Goes on with the receipt of a write that has a key, and notes whether its answer is an earlier one's. */
async function withReceipt<T>(call: Call, next: (receipt: Receipt | null) => Promise<T>): Promise<T> {
  const { retryKey } = call.ctx;
  if (retryKey === null || call.type !== 'mutation') return next(null);
  const receipt = await receiptOf(call, retryKey);
  const result = await next(receipt);
  retryKey.replayed = receipt.replayed;
  return result;
}

async function receiptOf({ ctx, path, meta, getRawInput }: Call, { key, token }: RetryKey): Promise<Receipt> {
  const caller = ctx.caller?.id ?? 'nobody';
  const receipt = Receipt.of({ caller, key, procedure: path, input: await getRawInput() });
  return meta?.secret && token !== null ? receipt.sealedBy(Buffer.from(token)) : receipt;
}

const denied = () => forbidden('permission.denied', 'You may not do this');

function checkScope({ credential: { scopes } }: Caller, { scope }: Permission): void {
  if (scopes === null || scope === 'any' || (scope !== 'whole' && scopes.includes(scope))) return;
  const detail =
    scope === 'whole'
      ? 'A token that is narrowed by scopes may not do this; use a session, or a token without scopes'
      : `This token lacks the scope ${scope}`;
  throw new DomainError({ code: 'token.scope_missing', detail });
}
