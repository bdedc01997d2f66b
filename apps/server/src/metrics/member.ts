import type { Worker } from 'node:cluster';
import { DomainError } from '@tocsin/domain';
import type { Registry } from 'prom-client';
import type { Page } from './door.ts';
import { isOfMetrics, type MetricsMessage, Questions } from './messages.ts';

/** Longer than the primary waits for the slowest worker; in milliseconds. */
const TIMEOUT_MS = 3_000;

/**
 * Makes this worker tell its primary what it counts, whenever it is asked.
 * @returns the sum over all workers, which the primary makes; it throws metrics.unavailable when the primary is silent
 */
export function joinWorkerPool(self: Worker, registry: Registry): Page {
  const questions = new Questions<string>();
  const send = (message: MetricsMessage): void => {
    if (self.isConnected()) self.send(message, () => {});
  };
  self.on('message', (message: unknown) => {
    if (!isOfMetrics(message)) return;
    const { id } = message;
    if (message.metrics === 'page') questions.answer(id, message.page);
    if (message.metrics === 'count')
      registry.getMetricsAsJSON().then(
        (report) => send({ metrics: 'report', id, report }),
        () => {},
      );
  });
  return async () => {
    const page = await questions.ask((id) => send({ metrics: 'ask', id }), TIMEOUT_MS);
    if (page === null) throw unavailable();
    return page;
  };
}

const unavailable = () =>
  new DomainError({
    code: 'metrics.unavailable',
    detail: 'The workers could not be asked; try again',
  });
