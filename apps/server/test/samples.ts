import { expect } from 'vitest';
import type { ServerProcess } from './running-process.ts';

/** A page of metrics, read. */
export interface Samples {
  /** Each series, as it is written: the name with its labels. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** The sum over all series of a name that have these labels. */
  sum(name: string, labels?: Record<string, string>): number;
}

export function samplesOf(page: string): Samples {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const series = lines.map((line) => {
    const [, key = '', value] = /^(.*) (\S+)$/.exec(line) ?? [];
    const [name = '', labels = ''] = key.split('{');
    return { key, name, labels: `,${labels.replace('}', ',')}`, value: Number(value) };
  });
  return {
    names: series.map(({ key }) => key),
    has: (name) => series.some((one) => one.name === name),
    sum: (name, labels = {}) =>
      series
        .filter((one) => one.name === name)
        .filter((one) =>
          Object.entries(labels).every(([label, value]) => one.labels.includes(`,${label}="${value}",`)),
        )
        .reduce((sum, { value }) => sum + value, 0),
  };
}

/** Where a process tells its metrics, as its log says; of several workers that is said after they listen. */
export async function metricsUrlOf(server: ServerProcess): Promise<URL> {
  const told = (): string | undefined => /"url":"([^"]+\/metrics)"/.exec(server.output())?.[1];
  await expect.poll(told, { timeout: 15_000 }).toBeDefined();
  return new URL(told() ?? '');
}
