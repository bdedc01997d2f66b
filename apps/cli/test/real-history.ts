import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { open } from 'yauzl';

/** The real desk's log; it lies beside the checkout, and is not part of it. */
export const realHistory = resolve(
  import.meta.dirname,
  '../../../../shared/data/servicenow-incident-event-log.zip',
);

/** What a ticket must be after the import: told from the file alone, without any of Tocsin's code. */
export interface ExpectedTicket {
  readonly createdAt: string;
  readonly createdBy: string;
  /** Time and author of each row that changes anything we map. */
  readonly changes: [at: string, by: string][];
  readonly resolvedAt: string;
  readonly closedAt: string;
  readonly reopenCount: number;
  /** By their names, at the end. */
  readonly people: People;
  /** What the ticket was after its creation, and after each of the changes. */
  readonly life: readonly Moment[];
}

/** What a ticket was from a moment on. */
export interface Moment extends People {
  readonly at: string;
  readonly isOpen: boolean;
  readonly reopenCount: number;
}

/** Whom a row names; null is nobody. */
export interface People {
  readonly requester: string | null;
  readonly assignee: string | null;
  readonly team: string | null;
}

const columns = {
  number: 0,
  state: 1,
  caller: 7,
  openedBy: 8,
  openedAt: 9,
  updatedBy: 12,
  updatedAt: 13,
  group: 23,
  assignee: 24,
  mapped: [7, 16, 17, 18, 20, 21, 23, 24],
};
const states =
  'New,Active,Awaiting User Info,Awaiting Vendor,Awaiting Problem,Awaiting Evidence,Resolved,Closed'.split(
    ',',
  );

const utc = (text: string): string => {
  const [day, month, year, hour, minute] = text.split(/[/ :]/).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return new Date(Date.UTC(year, month - 1, day, hour, minute)).toISOString();
};

const nameOf = (word: string, number: string | undefined): string | null =>
  number === '?' ? null : `${word} ${number}`;

const peopleOf = (row: string[]): People => ({
  requester: nameOf('Caller', row[columns.caller]),
  assignee: nameOf('Assignee', row[columns.assignee]),
  team: nameOf('Group', row[columns.group]),
});

/** Reads the log: the file has no quotes and no commas within fields, so splitting is enough. */
export async function expectedTickets(zip: string): Promise<Map<string, ExpectedTicket>> {
  const [, ...lines] = (await readZip(zip)).trim().split('\n');
  const histories = Map.groupBy(
    lines.map((line) => line.split(',')),
    (row) => String(row[columns.number]),
  );
  return new Map([...histories].map(([number, rows]) => [number, expectedTicket(rows)]));
}

function expectedTicket(rows: string[][]): ExpectedTicket {
  const [first] = rows as [string[]];
  const cell = (row: string[], column: number): string => String(row[column]);
  const mapped = (row: string[]): string => columns.mapped.map((column) => row[column]).join();
  const told = { createdAt: utc(cell(first, columns.openedAt)), createdBy: cell(first, columns.openedBy) };
  const changes: [string, string][] = [];
  let [state, fields, reopenCount, resolvedAt, closedAt] = ['New', mapped(first), 0, '', ''];
  let people = peopleOf(first);
  const life: Moment[] = [{ at: told.createdAt, isOpen: true, reopenCount: 0, ...people }];
  for (const row of rows.filter((one) => states.includes(cell(one, columns.state)))) {
    const [next, at] = [cell(row, columns.state), utc(cell(row, columns.updatedAt))];
    if (next === state && mapped(row) === fields) continue;
    changes.push([at, cell(row, columns.updatedBy)]);
    const [wasDone, isDone] = [state, next].map((one) => one === 'Resolved' || one === 'Closed');
    if (wasDone && !isDone) reopenCount += 1;
    if (isDone && !wasDone) resolvedAt = at;
    if (next === 'Closed' && state !== 'Closed') closedAt = at;
    [state, fields, people] = [next, mapped(row), peopleOf(row)];
    life.push({ at, isOpen: !isDone, reopenCount, ...people });
  }
  return { ...told, changes, resolvedAt, closedAt, reopenCount, people, life };
}

function readZip(path: string): Promise<string> {
  return new Promise((done, fail) => {
    open(path, { lazyEntries: true }, (error, zip) => {
      if (error) return fail(error);
      zip.on('error', fail);
      zip.on('entry', (entry) => {
        if (!entry.fileName.endsWith('.csv')) return zip.readEntry();
        zip.openReadStream(entry, (failed, stream) =>
          failed ? fail(failed) : done(buffer(stream).then(String)),
        );
      });
      zip.readEntry();
    });
  });
}
