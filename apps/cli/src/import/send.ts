import { type Client, type Outputs, problemOf } from '@tocsin/client';
import type { ImportEntry, Rejection } from './source.ts';

/** A field that was left as it is here. */
export type KeptField = Outputs['imports']['append']['conflicts'][number]['fields'][number];

/** What became of the entries of one batch. */
export interface Sent {
  readonly created: number;
  readonly events: number;
  readonly skipped: number;
  /** By the entry's place in the batch. */
  readonly rejected: ReadonlyMap<number, Rejection>;
  /** By the entry's place as well. */
  readonly kept: ReadonlyMap<number, readonly KeptField[]>;
}

/** Sends the entries of one system. Its client has the patience: what the desk has already, it passes by. */
export interface Sender {
  readonly client: Client;
  readonly system: string;
  readonly overwrite: boolean;
  readonly dryRun: boolean;
  /** One for all batches of an import. */
  readonly run: string;
  /** Begins no further batch. */
  readonly signal: AbortSignal;
}

/** Half a minute in all: long enough for a server to be started again. */
export const patience: readonly number[] = [250, 500, 1000, 2000, 4000, 8000, 16_000];

/**
 * Sends a batch. Entries that the desk cannot take as they are (422) are rejected one by one, and the rest is sent.
 * @throws what the desk answered, when that is none of the entries' fault
 */
export async function sendBatch(sender: Sender, entries: readonly ImportEntry[]): Promise<Sent> {
  const rejected = new Map<number, Rejection>();
  const kept = new Map<number, readonly KeptField[]>();
  const { client, system, overwrite, dryRun, run } = sender;
  let left = entries.map((entry, index) => ({ entry, index }));
  while (left.length > 0) {
    try {
      const sent = left.map(({ entry }) => entry);
      const answer = await client.imports.append.mutate({ system, run, overwrite, dryRun, entries: sent });
      const placeOf = (index: number): number => left[index]?.index ?? -1;
      for (const { index, code, detail } of answer.rejected)
        rejected.set(placeOf(index), { code, reason: detail });
      for (const { index, fields } of answer.conflicts) kept.set(placeOf(index), fields);
      return { created: answer.created, events: answer.events, skipped: answer.skipped, rejected, kept };
    } catch (error) {
      const faults = faultyEntries(error);
      if (faults.size === 0) throw error;
      left.forEach(({ index }, place) => {
        const rejection = faults.get(place);
        if (rejection) rejected.set(index, rejection);
      });
      left = left.filter((_, place) => !faults.has(place));
    }
  }
  return { created: 0, events: 0, skipped: 0, rejected, kept };
}

/** Which entries a 422 points at, with what it says of each. */
function faultyEntries(error: unknown): Map<number, Rejection> {
  const problem = problemOf(error);
  const faults = new Map<number, Rejection>();
  if (problem?.status !== 422) return faults;
  for (const { pointer, message } of problem.errors ?? []) {
    const [, place, field = ''] = /^\/entries\/(\d+)(?:\/(?:ticket\/)?(.*))?$/.exec(pointer) ?? [];
    if (place === undefined) continue;
    const reason = field ? `${field.replaceAll('/', '.')}: ${message}` : message;
    const before = faults.get(Number(place))?.reason;
    faults.set(Number(place), { code: problem.code, reason: before ? `${before}; ${reason}` : reason });
  }
  return faults;
}
