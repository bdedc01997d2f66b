import { parseArgs } from 'node:util';
import type { Size } from './fill/kept.ts';

/** What one run of the benchmark does. */
export interface BenchOptions {
  readonly sizes: readonly Size[];
  readonly rounds: number;
  readonly roundMs: number;
  /** Where filled databases stay for the next run; null: nowhere. */
  readonly keep: string | null;
  /** Names of the operations to measure; null is all. */
  readonly only: readonly string[] | null;
  /** Names of the peers to measure; null is all. */
  readonly peers: readonly string[] | null;
  /** False for a run that is too short, or lacks too much, to be told of. */
  readonly publish: boolean;
}

const FACTORS: Readonly<Record<string, number>> = { k: 1_000, m: 1_000_000 };

export function sizeOf(text: string): Size {
  const [, figure, unit = ''] = /^(\d+)([kM])$/i.exec(text) ?? [];
  const tickets = Number(figure) * (FACTORS[unit.toLowerCase()] ?? Number.NaN);
  if (!Number.isInteger(tickets) || tickets < 1_000)
    throw new Error(`A size is such as 10k, 1M or 10M, not ${text}`);
  return { name: text, tickets };
}

/** Reads the command line. @throws Error that says what is wrong with it */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      size: { type: 'string', default: '10k,1M' },
      quick: { type: 'boolean', default: false },
      keep: { type: 'string' },
      only: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
    },
  });
  const { size, quick, keep = null, only, peers, rounds } = values;
  return {
    sizes: (quick ? '10k' : size).split(',').map(sizeOf),
    rounds: Number(rounds ?? (quick ? 3 : 7)),
    roundMs: quick ? 500 : 1_500,
    keep,
    only: only?.split(',') ?? null,
    peers: peers?.split(',') ?? null,
    publish: !quick && only === undefined && peers === undefined,
  };
}
