import type { Role, World } from './people.ts';

export type Input = Record<string, unknown>;
/** A status, and with 403 the field that is named. */
export type Expected = number | readonly [status: number, field: string];

export interface Situation {
  readonly name: string;
  readonly what: string;
  /** Made anew for each role and door, because a call may change what it is about. */
  readonly input: (world: World, role: Role) => Input | Promise<Input>;
  /** What each of `roles` is answered, in that order. */
  readonly answers: readonly [Expected, Expected, Expected, Expected, Expected];
}

/** Situations as they are added one by one. */
export class Situations {
  readonly all: Situation[] = [];

  readonly when = (
    name: string,
    what: string,
    ...[input, ...answers]: [Situation['input'], Expected, Expected, Expected, Expected, Expected]
  ): void => {
    this.all.push({ name, what, input, answers });
  };
}

let count = 0;
/** A name that nothing has yet. */
export const fresh = () => {
  count += 1;
  return `fresh ${count}`;
};
