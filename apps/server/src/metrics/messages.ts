import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** What one process counts, as it travels to another. */
export type Report = MetricObjectWithValues<MetricValue<string>>[];

/** What the primary and its workers tell each other of metrics. */
export type MetricsMessage =
  /** Worker to primary: what is the sum? */
  | { readonly metrics: 'ask'; readonly id: number }
  /** Primary to worker: this; null when it could not be found out. */
  | { readonly metrics: 'page'; readonly id: number; readonly page: string | null }
  /** Primary to worker: what do you count? */
  | { readonly metrics: 'count'; readonly id: number }
  /** Worker to primary: this. */
  | { readonly metrics: 'report'; readonly id: number; readonly report: Report };

/** Whether a message between processes is one of these; others may talk there as well. */
export const isOfMetrics = (message: unknown): message is MetricsMessage =>
  typeof message === 'object' && message !== null && 'metrics' in message;

/** Questions that wait for an answer from another process. */
export class Questions<Answer> {
  readonly #waiting = new Map<number, (answer: Answer | null) => void>();
  #last = 0;

  /** @returns what the other answers to the question sent with this id; null when it does not within this time */
  ask(send: (id: number) => void, patienceMs: number): Promise<Answer | null> {
    const { promise, resolve } = Promise.withResolvers<Answer | null>();
    this.#last += 1;
    const id = this.#last;
    const timer = setTimeout(() => this.answer(id, null), patienceMs);
    this.#waiting.set(id, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    send(id);
    return promise;
  }

  answer(id: number, answer: Answer | null): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
