import type { Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import { isOfMetrics, type MetricsMessage, Questions, type Report } from './messages.ts';

/** A worker that does not answer within this time is told of as it was before; in milliseconds. */
const TIMEOUT_MS = 1_500;

/**
 * The metrics of a pool of workers, as its primary sees them: the sum over all workers. What a worker had counted when it was last
 * asked stays in the sum when it dies; else a counter would fall, which Prometheus reads as a start from nothing.
 */
export class WorkerPoolMetrics {
  readonly #reports = new Map<Worker, Report>();
  readonly #questions = new Questions<Report>();
  #retired: Report = [];
  #adding: Promise<string> | null = null;

  /** Counts a worker in, from its birth to its death and beyond. */
  add(worker: Worker): void {
    this.#reports.set(worker, []);
    worker.on('message', (message: unknown) => {
      if (!isOfMetrics(message)) return;
      if (message.metrics === 'report') this.#questions.answer(message.id, message.report);
      if (message.metrics === 'ask') void this.#answer(worker, message.id);
    });
    worker.on('exit', () => this.#retire(worker));
  }

  /** The sum, as the page that Prometheus reads. Those who ask at once are told the same. */
  readonly page = (): Promise<string> => {
    this.#adding ??= this.#add().finally(() => {
      this.#adding = null;
    });
    return this.#adding;
  };

  async #add(): Promise<string> {
    await Promise.all([...this.#reports.keys()].map((worker) => this.#ask(worker)));
    return AggregatorRegistry.aggregate([...this.#reports.values(), this.#retired]).metrics();
  }

  async #ask(worker: Worker): Promise<void> {
    const report = await this.#questions.ask((id) => send(worker, { metrics: 'count', id }), TIMEOUT_MS);
    if (report && this.#reports.has(worker)) this.#reports.set(worker, report);
  }

  async #answer(worker: Worker, id: number): Promise<void> {
    const page = await this.page().catch(() => null);
    send(worker, { metrics: 'page', id, page });
  }

  /** In one turn: a page that is made meanwhile must not miss what passes from the one to the other. */
  #retire(worker: Worker): void {
    const last = this.#reports.get(worker) ?? [];
    this.#reports.delete(worker);
    const sum = AggregatorRegistry.aggregate([this.#retired, last.filter(isSum)]);
    this.#retired = sum.getMetricsAsArray() as unknown as Report;
  }
}

/** What only ever grows; how much memory a dead worker had is of no interest. */
const isSum = ({ type }: Report[number]): boolean =>
  String(type) === 'counter' || String(type) === 'histogram';

function send(worker: Worker, message: MetricsMessage): void {
  // One that is going away has closed its ear.
  if (worker.isConnected()) worker.send(message, () => {});
}
