import { quantiles, ratio, type Series } from './measure.ts';
import type { PeerName } from './operations.ts';

/** What is to be reached, and what was. */
export interface Outcome {
  readonly text: string;
  readonly goal: string;
  /** Null where a part of it was not measured. */
  readonly measured: number | null;
  readonly reached: boolean;
}

type Find = (operation: string, peer: PeerName, size: string) => Series | undefined;

interface Peers {
  readonly operation: string;
  readonly peer: PeerName;
  readonly than: PeerName;
  readonly least: number;
}

const throughput: readonly Peers[] = [
  { operation: 'get', peer: 'rest', than: 'floor', least: 0.75 },
  { operation: 'list', peer: 'rest', than: 'floor', least: 0.85 },
  { operation: 'create', peer: 'rest', than: 'floor', least: 0.6 },
  { operation: 'get', peer: 'trpc', than: 'rest', least: 0.75 },
  { operation: 'get', peer: 'rest', than: 'fastapi', least: 10 },
  { operation: 'list', peer: 'rest', than: 'fastapi', least: 7 },
];
const names: Readonly<Record<PeerName, string>> = {
  floor: 'the floor',
  rest: 'REST',
  trpc: 'tRPC',
  batch: 'tRPC in batches',
  fastapi: 'FastAPI',
};
/** What must not take longer on a larger desk. */
const steady = ['list', 'deep', 'assignee', 'priority', 'rare'];
const STEADY = 1.5;
const COMMON = 3;

/** The goals, and how far this run is from them: all are ratios, for only these hold from one machine to the next. */
export function outcomes(series: readonly Series[], sizes: readonly string[]): Outcome[] {
  const find: Find = (operation, peer, size) =>
    series.find((one) => one.operation === operation && one.peer === peer && one.size === size);
  const [small = '', ...larger] = sizes;
  return [
    ...sizes.flatMap((size) => throughput.map((peers) => comparison(find, peers, size))),
    ...larger.flatMap((size) => steady.map((operation) => growth(find, operation, [small, size]))),
    ...sizes.map((size) => commonWord(find, size)),
  ];
}

function comparison(find: Find, { operation, peer, than, least }: Peers, size: string): Outcome {
  const [one, other] = [find(operation, peer, size), find(operation, than, size)];
  const measured = one && other ? ratio(one.rates, other.rates) : null;
  return {
    text: `${operation}: calls a second by ${names[peer]} beside ${names[than]}, ${size}`,
    goal: `≥ ${least}`,
    measured,
    reached: measured !== null && measured >= least,
  };
}

function growth(find: Find, operation: string, [small, size]: [string, string]): Outcome {
  const [one, other] = [find(operation, 'rest', size), find(operation, 'rest', small)];
  const measured = one && other ? ratio(quantiles(one, 0.5), quantiles(other, 0.5)) : null;
  return {
    text: `${operation}: p50 at ${size} beside ${small}`,
    goal: `≤ ${STEADY}`,
    measured,
    reached: measured !== null && measured <= STEADY,
  };
}

function commonWord(find: Find, size: string): Outcome {
  const [one, other] = [find('common', 'rest', size), find('rare', 'rest', size)];
  const measured = one && other ? ratio(quantiles(one, 0.95), quantiles(other, 0.95)) : null;
  return {
    text: `search: p95 of a common word, newest first, beside a rare one, ${size}`,
    goal: `< ${COMMON}`,
    measured,
    reached: measured !== null && measured < COMMON,
  };
}
