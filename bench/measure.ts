import { quantile } from './desk.ts';
import type { LoadGenerator } from './load/load.ts';
import { BATCH, connectionsOf, type Operation, type PeerName } from './operations.ts';
import { cpuOf, memoryOf, type Server } from './servers.ts';

/** One operation on one server of one desk, round by round. */
export interface Series {
  readonly operation: string;
  readonly size: string;
  readonly peer: PeerName;
  /** Calls a second, of each round. */
  readonly rates: number[];
  /** How long each answer took, of each round; in milliseconds. */
  readonly took: Float64Array[];
  /** Milliseconds of CPU that the server and the caller spent for one call, of each round. */
  readonly cpu: number[];
  readonly callerCpu: number[];
  /** Megabytes that the server held at most. */
  memory: number;
}

/** Figures of a series: of the rounds the median. */
export interface Figures {
  readonly rate: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Something to measure: a series, and what it takes. */
export interface Contender {
  readonly series: Series;
  readonly operation: Operation;
  readonly server: Server;
}

export interface RoundOptions {
  readonly rounds: number;
  readonly roundMs: number;
}

export const emptySeries = (operation: Operation, size: string, peer: PeerName): Series => ({
  operation: operation.name,
  size,
  peer,
  rates: [],
  took: [],
  cpu: [],
  callerCpu: [],
  memory: 0,
});

/**
 * Lets the contenders take turns, in short rounds: what else the machine does hits all of them alike. The first round
 * warms up and is not counted.
 * @throws Error when a server answers anything but what was expected
 */
export async function measure(
  generator: LoadGenerator,
  contenders: readonly Contender[],
  { rounds, roundMs }: RoundOptions,
): Promise<void> {
  for (let round = 0; round <= rounds; round += 1)
    for (const contender of contenders) {
      const measured = await measureRound(generator, contender, roundMs);
      if (round > 0) add(contender.series, measured);
    }
}

interface Measured {
  readonly rate: number;
  readonly took: Float64Array;
  readonly cpu: number;
  readonly callerCpu: number;
  readonly memory: number;
}

async function measureRound(
  generator: LoadGenerator,
  { series, operation, server }: Contender,
  milliseconds: number,
): Promise<Measured> {
  const name = `${series.operation} ${series.size} ${series.peer}`;
  const cpu = cpuOf(server.pid);
  const { took, elapsed, others, ...caller } = await generator.run({
    name,
    url: server.url,
    requests: operation.asked[series.peer] ?? [],
    connections: connectionsOf(series.peer),
    milliseconds,
    expected: operation.expected,
  });
  if (others.length > 0 || took.length === 0)
    throw new Error(`${name} was answered ${others.map(([status, count]) => `${count} times ${status}`)}`);
  const calls = took.length * (series.peer === 'batch' ? BATCH : 1);
  return {
    rate: (calls / elapsed) * 1_000,
    took: Float64Array.from(took),
    cpu: (cpuOf(server.pid) - cpu) / calls,
    callerCpu: caller.cpu / calls,
    memory: memoryOf(server.pid),
  };
}

function add(series: Series, measured: Measured): void {
  series.rates.push(measured.rate);
  series.took.push(measured.took);
  series.cpu.push(measured.cpu);
  series.callerCpu.push(measured.callerCpu);
  series.memory = Math.max(series.memory, measured.memory);
}

const middle = (figures: readonly number[]): number => quantile(figures, 0.5);

/** The quantile of how long answers took: of each round, then of the rounds the middle one. */
export const latency = ({ took }: Series, part: number): number =>
  middle(took.map((round) => quantile([...round], part)));

export const figuresOf = (series: Series): Figures => ({
  rate: middle(series.rates),
  p50: latency(series, 0.5),
  p95: latency(series, 0.95),
  p99: latency(series, 0.99),
});

/** How one series compares with another, round by round; of the rounds the median. */
export const ratio = (one: readonly number[], other: readonly number[]): number =>
  middle(one.map((figure, round) => figure / (other[round] ?? Number.NaN)));

/** A quantile of each round. */
export const quantiles = ({ took }: Series, part: number): number[] =>
  took.map((round) => quantile([...round], part));
