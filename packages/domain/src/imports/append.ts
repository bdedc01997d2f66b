import { type Context, DomainError, inTurn } from '../core/index.ts';
import { Chronicle, insertTickets, saveChronicle, TicketRow, withNames } from '../tickets/index.ts';
import { type ImportedHistory, replay, unknownHistory } from './history.ts';
import { TicketImportRow } from './model.ts';
import { findOrigin, makePeople, type Origin } from './people.ts';
import type { AppendedImport, AppendImport } from './schema.ts';

/**
 * Takes entries of another system's history over: each that changes a ticket becomes one event, at its own time and by
 * its own author. Entries that were taken over before are passed by, so the same call may be made again after any
 * failure. All entries of a call are committed together; one that the rules refuse is reported and changes nothing.
 */
export function append(ctx: Context, input: AppendImport): Promise<AppendedImport> {
  return inTurn(`import:${input.system}`, () => appendNow(ctx, input));
}

function appendNow(ctx: Context, { system, entries }: AppendImport): Promise<AppendedImport> {
  return ctx.transaction(async (ctx) => {
    // Two imports of one source at once would both create what neither finds; the second waits here for the first.
    await ctx.db.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`import:${system}`]);
    const origin = await findOrigin(ctx, system, entries);
    const histories = await loadHistories(ctx, system, new Set(entries.map(({ id }) => id)));
    const result: AppendedImport = { created: 0, events: 0, skipped: 0, rejected: [] };
    for (const [index, entry] of entries.entries()) {
      const history = histories.get(entry.id) ?? unknownHistory();
      histories.set(entry.id, history);
      try {
        if (!replay(history, origin, entry)) result.skipped += 1;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        result.rejected.push({ index, code: error.code, detail: error.message });
      }
    }
    return { ...result, ...(await saveHistories(ctx, origin, [...histories.values()])) };
  });
}

async function loadHistories(
  ctx: Context,
  system: string,
  ids: Set<string>,
): Promise<Map<string, ImportedHistory>> {
  // First held, then read: one statement that waited for a row would go on with the names that it had joined before.
  await TicketRow.query(ctx.db)
    .where('source_system', system)
    .whereIn('source_id', [...ids])
    .orderBy('id')
    .select('id')
    .forUpdate();
  const rows = await withNames(TicketRow.query(ctx.db))
    .where('tickets.source_system', system)
    .whereIn('tickets.source_id', [...ids])
    .orderBy('tickets.id');
  const ticketIds = rows.map((row) => row.id);
  const imports = await TicketImportRow.query(ctx.db).whereIn('ticket_id', ticketIds);
  const positions = new Map(imports.map((row) => [row.ticketId, row]));
  return new Map(
    rows.map((row) => {
      const { position = -1, peoplePosition = -1 } = positions.get(row.id) ?? {};
      const reached = { position, peoplePosition };
      return [String(row.sourceId), { row, reached, chronicle: Chronicle.of(row), ...reached }];
    }),
  );
}

type Begun = ImportedHistory & { chronicle: Chronicle };
type Known = Begun & { row: TicketRow };

async function saveHistories(
  ctx: Context,
  origin: Origin,
  histories: ImportedHistory[],
): Promise<{ created: number; events: number }> {
  const begun = histories.filter((history): history is Begun => history.chronicle !== null);
  const events = begun.flatMap(({ chronicle }) => chronicle.events);
  await makePeople(ctx, origin, events);
  const fresh = begun.filter(({ row }) => row === null);
  const known = begun.filter((history): history is Known => history.row !== null);
  const made =
    fresh.length > 0
      ? await insertTickets(
          ctx,
          fresh.map(({ chronicle }) => chronicle),
        )
      : [];
  for (const { row, chronicle } of known) await saveChronicle(ctx, row, chronicle);

  const positions = [
    ...made.map(({ id }, index) => positionsOf(id, fresh[index] as Begun)),
    ...known.filter(advanced).map((history) => positionsOf(history.row.id, history)),
  ];
  if (positions.length > 0)
    await TicketImportRow.query(ctx.db).insert(positions).onConflict('ticket_id').merge();
  return { created: fresh.length, events: events.length };
}

/** A call that finds everything there writes nothing at all. */
const advanced = ({ reached, position, peoplePosition }: ImportedHistory): boolean =>
  position > reached.position || peoplePosition > reached.peoplePosition;

const positionsOf = (ticketId: number, { position, peoplePosition }: ImportedHistory) => ({
  ticketId,
  position,
  peoplePosition,
});
