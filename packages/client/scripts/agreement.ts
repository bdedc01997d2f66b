import type { TRPCClientError } from '@trpc/client';
import type * as packed from '../dist/index.js';
import type * as source from '../src/index.ts';

/**
 * Compiles only when the packed contract says exactly what the API's own types say. Where it does not, the message
 * names the places: `contract.outputs.tickets.get.key`.
 */
interface Packed {
  kinds: Kinds<packed.AppRouter['_def']['record']>;
  inputs: packed.Inputs;
  outputs: packed.Outputs;
  failure: NonNullable<TRPCClientError<packed.AppRouter>['shape']>;
}

interface Source {
  kinds: Kinds<source.AppRouter['_def']['record']>;
  inputs: source.Inputs;
  outputs: source.Outputs;
  failure: NonNullable<TRPCClientError<source.AppRouter>['shape']>;
}

/** Query or mutation. */
type Kinds<Tree> = {
  [Key in keyof Tree]: Tree[Key] extends { _def: { type: infer Kind } } ? Kind : Kinds<Tree[Key]>;
};

type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The places where two types part, as deep as both are objects. */
type Differences<A, B, Place extends string> =
  Identical<A, B> extends true
    ? never
    : [A, B] extends [readonly (infer X)[], readonly (infer Y)[]]
      ? Differences<X, Y, `${Place}[]`>
      : [A, B] extends [object, object]
        ? Otherwise<Inside<A, B, Place>, Place>
        : Place;

type Inside<A, B, Place extends string> = {
  [Key in (keyof A | keyof B) & string]-?: Key extends keyof A & keyof B
    ? Differences<A[Key], B[Key], `${Place}.${Key}`>
    : `${Place}.${Key}`;
}[(keyof A | keyof B) & string];

/** Objects with the same properties part in what may be left out. */
type Otherwise<Places, Place> = [Places] extends [never] ? Place : Places;

({}) satisfies Record<Differences<Packed, Source, 'contract'>, never>;
