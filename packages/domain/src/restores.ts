import type { Knex } from 'knex';
import { pino } from 'pino';
import { recount } from './analytics/index.ts';
import { record } from './audit/index.ts';
import { type RestoreOptions, type RestoreSummary, restoreBackup } from './backup/index.ts';
import { systemClock } from './core/index.ts';
import { findInconsistentTickets } from './tickets/index.ts';

/** What several features together do when a desk is restored. */

/** The sequence that numbers tickets. */
const TICKET_NUMBERS = 'tickets_id_seq';

export interface RestoreDeskOptions extends Omit<RestoreOptions, 'hooks' | 'nextValues'> {
  /** Who restores, as the audit log is to call them. */
  readonly by: string;
  /** The number of the next ticket, at least; left out, the numbers go on where backup and desk end. */
  readonly nextNumber?: number | undefined;
}

/** What was restored, and with which number tickets go on. */
export interface RestoredDesk extends Omit<RestoreSummary, 'sequences'> {
  readonly nextNumber: number;
  /** True when numbers that were given after the backup may be given again. */
  readonly mayRepeatNumbers: boolean;
}

/**
 * Makes the desk what it was when the backup was taken, counts its figures from the events, checks that every ticket's
 * events lead to its row, and records the restore in the audit log of the restored desk. All of it is one transaction.
 * @throws what `backup.restoreBackup` throws
 */
export async function restore({ by, nextNumber, ...options }: RestoreDeskOptions): Promise<RestoredDesk> {
  const { sequences, ...summary } = await restoreBackup({
    ...options,
    ...(nextNumber === undefined ? {} : { nextValues: { [TICKET_NUMBERS]: nextNumber } }),
    hooks: { derive: recount, findFaults, record: (trx, restored) => recordRestore(trx, by, restored) },
  });
  return { ...summary, ...numbersOf({ sequences }) };
}

function numbersOf({ sequences }: Pick<RestoreSummary, 'sequences'>) {
  const numbers = sequences.find(({ name }) => name === TICKET_NUMBERS);
  return { nextNumber: numbers?.next ?? 1, mayRepeatNumbers: !numbers?.skipsGiven };
}

async function findFaults(trx: Knex): Promise<string[]> {
  const ids = await findInconsistentTickets(trx);
  if (ids.length === 0) return [];
  return [
    `the events of ${ids.length === 1 ? 'ticket' : 'tickets'} ${ids.join(', ')} do not lead to what is stored`,
  ];
}

async function recordRestore(trx: Knex, by: string, summary: RestoreSummary): Promise<void> {
  const { at, sha256, replaced, tables } = summary;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const { nextNumber } = numbersOf(summary);
  const request = {
    db: trx,
    caller: null,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    requestId: null,
    address: null,
    receipt: null,
  };
  await record(request, [
    {
      action: 'desk.restored',
      actor: { id: null, kind: 'system', name: by },
      subject: null,
      changes: {
        backup: { from: null, to: { takenAt: at, sha256, rows } },
        replaced: { from: null, to: replaced },
        nextNumber: { from: null, to: nextNumber },
      },
    },
  ]);
}
