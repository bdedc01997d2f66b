import { makePerson, PASSWORD, type Role, roles } from '../people.ts';
import { type RunningApp, TOKEN } from '../running-app.ts';

/** Whoever calls: the built-in administrator, a person of each role, a person who is logged in, or nobody. */
export type CallerName = 'administrator' | Role | 'visitor' | 'nobody';

/** Names of callers, as often as they are to call. */
export const callerNames: readonly CallerName[] = [
  ...Array.from({ length: 6 }, (): CallerName => 'administrator'),
  ...roles,
  'visitor',
];

/** The people who send the fuzzer's requests. None is in the pool, so no example names them. */
export class Callers {
  readonly #call: RunningApp['call'];
  readonly #tokens = new Map<CallerName, string>([['administrator', TOKEN]]);
  #visitors = 0;

  constructor(call: RunningApp['call']) {
    this.#call = call;
  }

  /** The caller's token; a visitor who has logged out is another from then on. */
  async tokenOf(name: CallerName): Promise<string | null> {
    if (name === 'nobody') return null;
    const known = this.#tokens.get(name);
    if (known !== undefined) return known;
    const token = await (name === 'visitor' ? this.#visit() : this.#hire(name as Role));
    this.#tokens.set(name, token);
    return token;
  }

  /** Forgets a visitor whose session a request may have ended. */
  leave(name: CallerName): void {
    if (name === 'visitor') this.#tokens.delete(name);
  }

  async #hire(role: Role): Promise<string> {
    return (await makePerson(this.#call, `fuzz-${role}`, role)).token;
  }

  async #visit(): Promise<string> {
    this.#visitors += 1;
    const email = `visitor${this.#visitors}@example.com`;
    const json = { email, name: 'Visitor', role: 'agent', password: PASSWORD };
    await this.#call('/users', { json });
    const { body } = await this.#call('/sessions', { json: { email, password: PASSWORD }, token: null });
    return body.token;
  }
}
