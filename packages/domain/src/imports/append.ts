import { ask, type Context, DomainError, hasScope, inTurn } from '../core/index.ts';
import { Chronicle, insertTickets, saveChronicle, TicketRow, withNames } from '../tickets/index.ts';
import { findHands, Hands } from './hands.ts';
import { type ImportedHistory, type Replaying, replay, unknownHistory } from './history.ts';
import { TicketImportRow } from './model.ts';
import { findOrigin, makePeople, type Origin } from './people.ts';
import { Reach } from './reach.ts';
import type { AppendedImport, AppendImport, Conflict, ImportEntry } from './schema.ts';

/** Imports of one system that may wait for each other; a call of each may take seconds. */
const MAX_WAITING_IMPORTS = 20;
const IMPORT_TIMEOUT_MS = 30_000;

/**
 * Takes entries of another system's history over: each that changes a ticket becomes one event, at its own time and by
 * its own author. Entries that were taken over before are passed by, so the same call may be made again after any
 * failure. All entries of a call are committed together; one that the rules refuse is reported and changes nothing, and
 * one that would undo what was changed here is reported and leaves that as it is, unless the input says `overwrite`.
 */
export function append(ctx: Context, input: AppendImport): Promise<AppendedImport> {
  return inTurn(`import:${input.system}`, () => appendNow(ctx, input), {
    waiting: MAX_WAITING_IMPORTS,
    timeout: IMPORT_TIMEOUT_MS,
  });
}

function appendNow(ctx: Context, input: AppendImport): Promise<AppendedImport> {
  const { system, entries, overwrite = false, dryRun = false, run } = input;
  return ctx.transaction(async (ctx) => {
    // Two imports of one source at once would both create what neither finds; the second waits here for the first.
    await ctx.db.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`import:${system}`]);
    const origin = await findOrigin(ctx, system, entries);
    const histories = new Histories(await loadHistories(ctx, system, entries));
    const discreet = !hasScope(ctx.caller, 'tickets:read');
    const replaying = { origin, overwrite, discreet, now: ctx.clock.now() };
    const result = replayAll(histories, replaying, entries);
    const all = histories.all();
    return { ...result, ...(dryRun ? countsOf(all) : await saveHistories(ctx, { ...origin, run }, all)) };
  });
}

/** The histories of a call, by every id that its entries call them. */
class Histories {
  readonly #byId: Map<string, ImportedHistory>;

  constructor(known: Map<string, ImportedHistory>) {
    this.#byId = known;
  }

  /** The history that an entry goes on with: its own, or that of an alias, or a new one. */
  of({ id, aliases = [] }: ImportEntry): ImportedHistory {
    const own = this.#byId.get(id);
    if (own) return own;
    const found = aliases.map((alias) => this.#byId.get(alias)).find(Boolean) ?? unknownHistory();
    this.#byId.set(id, found);
    return found;
  }

  all(): ImportedHistory[] {
    return [...new Set(this.#byId.values())];
  }
}

function replayAll(
  histories: Histories,
  replaying: Replaying,
  entries: readonly ImportEntry[],
): AppendedImport {
  const result: AppendedImport = { created: 0, events: 0, skipped: 0, rejected: [], conflicts: [] };
  for (const [index, entry] of entries.entries()) {
    try {
      const { taken, conflicts } = replay(histories.of(entry), replaying, entry);
      if (!taken) result.skipped += 1;
      if (conflicts.length > 0) result.conflicts.push({ index, fields: toldOf(conflicts, replaying) });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { code, message } = replaying.discreet ? error.discreet() : error;
      result.rejected.push({ index, code, detail: message });
    }
  }
  return result;
}

/** Who may not read tickets is not told what one has, or a dry run would read them all. */
const toldOf = (conflicts: Conflict['fields'], { discreet }: Replaying): Conflict['fields'] =>
  discreet ? conflicts.map(({ field, source }) => ({ field, source })) : conflicts;

async function loadHistories(
  ctx: Context,
  system: string,
  entries: readonly ImportEntry[],
): Promise<Map<string, ImportedHistory>> {
  const ids = [...new Set(entries.flatMap(({ id, aliases = [] }) => [id, ...aliases]))];
  // First held, then read: one statement that waited for a row would go on with the names that it had joined before.
  await TicketRow.query(ctx.db)
    .where('source_system', system)
    .whereIn('source_id', ids)
    .orderBy('id')
    .select('id')
    .forUpdate();
  const rows = await withNames(TicketRow.query(ctx.db))
    .where('tickets.source_system', system)
    .whereIn('tickets.source_id', ids)
    .orderBy('tickets.id');
  const ticketIds = rows.map((row) => row.id);
  const imports = await TicketImportRow.query(ctx.db).whereIn('ticket_id', ticketIds);
  const reached = new Map(imports.map((row) => [row.ticketId, row]));
  const latest = await latestImported(
    ctx,
    imports.filter(({ keys }) => keys === null).map(({ ticketId }) => ticketId),
  );
  const hands = await findHands(ctx, ticketIds);
  return new Map(
    rows.map((row) => {
      const reach = new Reach(reached.get(row.id), latest.get(row.id));
      return [
        String(row.sourceId),
        { row, reach, hands: hands.get(row.id) ?? new Hands(), chronicle: Chronicle.of(row), foreign: null },
      ];
    }),
  );
}

/** The time of the latest event that an import wrote, but for the creation; for tickets that only positions describe. */
async function latestImported(ctx: Context, ticketIds: readonly number[]): Promise<Map<number, string>> {
  if (ticketIds.length === 0) return new Map();
  const rows = await ask<{ ticketId: number; at: string }>(ctx.db, {
    sql: `select ticket_id as "ticketId", max(at) as at from ticket_events
      where ticket_id = any(?::bigint[]) and actor_kind = 'imported' and seq > 1 group by ticket_id`,
    bindings: [[...ticketIds].map(String)],
  });
  return new Map(rows.map(({ ticketId, at }) => [ticketId, at]));
}

type Begun = ImportedHistory & { chronicle: Chronicle };
type Known = Begun & { row: TicketRow };
interface Counts {
  readonly created: number;
  readonly events: number;
}

const isBegun = (history: ImportedHistory): history is Begun => history.chronicle !== null;

function countsOf(histories: readonly ImportedHistory[]): Counts {
  const begun = histories.filter(isBegun);
  return {
    created: begun.filter(({ row }) => row === null).length,
    events: begun.reduce((sum, { chronicle }) => sum + chronicle.events.length, 0),
  };
}

async function saveHistories(
  ctx: Context,
  origin: Origin,
  histories: readonly ImportedHistory[],
): Promise<Counts> {
  const begun = histories.filter(isBegun);
  await makePeople(
    ctx,
    origin,
    begun.flatMap(({ chronicle }) => chronicle.events),
  );
  const fresh = begun.filter(({ row }) => row === null);
  const known = begun.filter((history): history is Known => history.row !== null);
  const chronicles = fresh.map(({ chronicle }) => chronicle);
  const made = fresh.length > 0 ? await insertTickets(ctx, chronicles) : [];
  for (const { row, chronicle } of known) await saveChronicle(ctx, row, chronicle);

  // A call that finds everything there writes nothing at all.
  const reached = [
    ...made.map(({ id }, index) => ({ ticketId: id, ...fresh[index]?.reach.stored })),
    ...known.flatMap(({ row, reach }) => (reach.stored ? [{ ticketId: row.id, ...reach.stored }] : [])),
  ];
  if (reached.length > 0)
    await TicketImportRow.query(ctx.db)
      .insert(reached as Partial<TicketImportRow>[])
      .onConflict('ticket_id')
      .merge();
  return countsOf(histories);
}
