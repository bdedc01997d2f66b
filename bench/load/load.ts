import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What one round asks of one server. */
export interface Load {
  /** A round of the same name goes on where the one before stopped. */
  readonly name: string;
  readonly url: string;
  /** Each connection has an equal share of them, and goes through it again and again. */
  readonly requests: readonly Request[];
  readonly connections: number;
  readonly milliseconds: number;
  readonly expected: number;
}

/** What came of it; times in milliseconds. */
export interface Loaded {
  /** Of each answer that was as expected, how long it took. */
  readonly took: number[];
  readonly elapsed: number;
  /** What the load itself cost, of the caller's process. */
  readonly cpu: number;
  /** Other statuses, and how often each came. */
  readonly others: [status: number, count: number][];
}

/** Sends requests from a process of its own, so that what the measurement does besides is not in the way. */
export class LoadGenerator {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'generator.ts'), {
    serialization: 'advanced',
  });

  async run(load: Load): Promise<Loaded> {
    this.#child.send(load);
    const [answer] = (await once(this.#child, 'message')) as [{ loaded?: Loaded; error?: string }];
    if (!answer.loaded) throw new Error(answer.error);
    return answer.loaded;
  }

  stop(): void {
    this.#child.disconnect();
  }
}
