import { isDeepStrictEqual } from 'node:util';

interface Recorded {
  readonly seq: number;
  readonly changes: Record<string, { from?: unknown; to?: unknown }>;
}

/**
 * Builds a ticket from nothing but its events, as anybody outside could.
 * @throws when a sequence number is missing, or a change does not begin where the one before it ended
 */
export function replayEvents(events: readonly Recorded[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [index, { seq, changes }] of events.entries()) {
    if (seq !== index + 1) throw new Error(`Event ${index + 1} has the number ${seq}`);
    for (const [field, { from, to }] of Object.entries(changes)) {
      const before = fields[field] ?? null;
      if (!isDeepStrictEqual(before, from)) {
        throw new Error(
          `Event ${seq} changes ${field} from ${JSON.stringify(from)}, but it was ${JSON.stringify(before)}`,
        );
      }
      fields[field] = to;
    }
  }
  return fields;
}

/** The fields of a ticket that follow from its events' changes; the others are identity, or the events' own times. */
export function recordedFields(ticket: Record<string, unknown>): Record<string, unknown> {
  const {
    id: _id,
    key: _key,
    version: _version,
    createdAt: _created,
    updatedAt: _updated,
    ...fields
  } = ticket;
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** What replaying gives, without what is none. */
export const replayedFields = (events: readonly Recorded[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(replayEvents(events)).filter(([, value]) => value !== null));
