import { Failure } from '../failures.ts';
import { type CsvRecord, readCsv } from './csv.ts';
import type { ImportEntry, SourceFile, SourceReader, SourceRow } from './source.ts';

/** The columns that are used; the header has the name `category` twice, and the second one is the subcategory. */
const columnNames = {
  number: 'number',
  state: 'ident_state',
  openedBy: 'opened_by',
  openedAt: 'opened_at',
  updatedBy: 'sys_updated_by',
  updatedAt: 'sys_updated_at',
  category: 'category',
  subcategory: 'category',
  symptom: 'u_symptom',
  impact: 'impact',
  urgency: 'urgency',
  requester: 'caller_id',
  assignee: 'assigned_to',
  team: 'assignment_group',
} as const;

/** Each column counts its own people: caller 10 and assignee 10 are two of them. A log may lack these columns. */
const words = { requester: 'Caller', assignee: 'Assignee', team: 'Group' } as const;

type Field = keyof typeof columnNames;
type Person = keyof typeof words;
const fields = Object.keys(columnNames) as Field[];
const persons = Object.keys(words) as Person[];
type Cells = Readonly<Record<Exclude<Field, Person>, string> & Partial<Record<Person, string>>>;
type Snapshot = ImportEntry['ticket'];

const MISSING = '?';

const states: ReadonlyMap<string, Pick<Snapshot, 'status' | 'holdReason' | 'resolution'>> = new Map([
  ['New', { status: 'open' }],
  ['Active', { status: 'in_progress' }],
  ['Awaiting User Info', { status: 'on_hold', holdReason: 'requester' }],
  ['Awaiting Vendor', { status: 'on_hold', holdReason: 'vendor' }],
  ['Awaiting Problem', { status: 'on_hold', holdReason: 'problem' }],
  ['Awaiting Evidence', { status: 'on_hold', holdReason: 'evidence' }],
  // How it was resolved the log does not tell.
  ['Resolved', { status: 'resolved', resolution: { code: 'other' } }],
  ['Closed', { status: 'closed', resolution: { code: 'other' } }],
]);

type Grade = 'high' | 'medium' | 'low';

const grades: ReadonlyMap<string, Grade | null> = new Map([
  ['1', 'high'],
  ['2', 'medium'],
  ['3', 'low'],
  [MISSING, null],
]);

/** A row that cannot be taken over; the message says why. */
class Unreadable extends Error {}

/** The audit log of ServiceNow's incidents: one row for each saved change. */
export const servicenow: SourceReader = {
  system: 'servicenow',
  summary: "ServiceNow's incident event log (CSV, or a zip with it)",
  description: [
    'Takes the audit log of ServiceNow over: a row for each saved change of an incident.',
    'Each incident becomes a ticket that is opened at opened_at, and each row that changes something becomes an event at its sys_updated_at.',
    'caller_id becomes its requester, assigned_to its assignee, assignment_group its team: people who are not active until an administrator lets them in.',
    'Times are day/month/year, taken as UTC.',
  ].join(' '),
  example: 'incident_event_log.zip',
  read: readRows,
};

async function* readRows(file: SourceFile): AsyncGenerator<SourceRow> {
  const begun = new Map<string, Progress>();
  let header: Header | null = null;
  for await (const record of readCsv(file)) {
    if (header) yield readRow(record, header, begun);
    else header = readHeader(file, record);
  }
  if (!header) throw new Failure(`${file.path} is empty.`);
}

interface Header {
  /** How many cells a row has. */
  readonly width: number;
  /** In which of them a field stands; -1 for people of whom the log says nothing. */
  readonly places: Readonly<Record<Field, number>>;
}

function readHeader({ path }: SourceFile, { cells }: CsvRecord): Header {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const places = Object.fromEntries(fields.map((field) => [field, names.indexOf(columnNames[field])]));
  places.subcategory = names.indexOf(columnNames.subcategory, (places.category ?? 0) + 1);
  const absent = fields
    .filter((field) => places[field] === -1 && !(field in words))
    .map((field) => columnNames[field]);
  if (absent.length > 0) {
    throw new Failure(
      [
        `${path} is not an incident event log of ServiceNow.`,
        `Its first line must name the columns; these are not there: ${[...new Set(absent)].join(', ')}.`,
      ].join('\n'),
    );
  }
  return { width: cells.length, places: places as Record<Field, number> };
}

/** How far an incident has been read. */
interface Progress {
  /** Of its next row. Rejected rows have a position too, so that those after them keep theirs at every reading. */
  position: number;
  opened: boolean;
}

function readRow(record: CsvRecord, header: Header, begun: Map<string, Progress>): SourceRow {
  const row: { line: number; opening?: ImportEntry; entry?: ImportEntry } = { line: record.line };
  try {
    const cells = cellsOf(record, header);
    const progress = begun.get(cells.number) ?? { position: 1, opened: false };
    begun.set(cells.number, progress);
    const position = progress.position++;
    if (!progress.opened) {
      row.opening = openingOf(cells);
      progress.opened = true;
    }
    row.entry = entryOf(cells, position);
    return row;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ...row, rejection: { code: 'row.unreadable', reason: error.message } };
  }
}

function cellsOf({ cells, line, lastLine }: CsvRecord, { width, places }: Header): Cells {
  if (cells.length !== width) {
    const until = lastLine > line ? ` (it goes on until line ${lastLine}: is a quote not closed?)` : '';
    throw new Unreadable(`the row has ${cells.length} cells, the header ${width}${until}`);
  }
  const cell = (field: Field): string => cells[places[field]]?.trim() || MISSING;
  const there = fields.filter((field) => places[field] !== -1);
  const row = Object.fromEntries(there.map((field) => [field, cell(field)])) as Cells;
  if (row.number === MISSING) throw new Unreadable('the number of the incident is missing');
  return row;
}

/** An incident begins open, whatever the state of its first row. */
const openingOf = (cells: Cells): ImportEntry => ({
  id: cells.number,
  position: 0,
  at: timeOf(cells, 'openedAt'),
  by: cells.openedBy,
  ticket: { type: 'incident', ...contentOf(cells) },
});

function entryOf(cells: Cells, position: number): ImportEntry {
  const state = states.get(cells.state);
  if (!state) throw new Unreadable(`state ${cells.state} is none that Tocsin knows`);
  return {
    id: cells.number,
    position,
    at: timeOf(cells, 'updatedAt'),
    by: cells.updatedBy,
    ticket: { ...contentOf(cells), ...state },
  };
}

const contentOf = (cells: Cells): Pick<Snapshot, 'title' | 'impact' | 'urgency' | Person> => ({
  title: titleOf(cells),
  impact: gradeOf(cells, 'impact'),
  urgency: gradeOf(cells, 'urgency'),
  ...Object.fromEntries(persons.map((field) => [field, personOf(words[field], cells[field])])),
});

/** Nobody is null; a column that the log lacks is undefined, and leaves whoever is there. */
function personOf(word: string, value: string | undefined): Snapshot[Person] {
  if (value === undefined) return undefined;
  if (value === MISSING) return null;
  return { id: `${word.toLowerCase()}:${value}`, name: /^\d+$/.test(value) ? `${word} ${value}` : value };
}

/** `Category 55, subcategory 170, symptom 72`, without what is missing. */
function titleOf(cells: Cells): string {
  const parts = (['category', 'subcategory', 'symptom'] as const)
    .filter((field) => cells[field] !== MISSING)
    .map((field) => `${field} ${cells[field]}`)
    .join(', ');
  return parts ? parts.charAt(0).toUpperCase() + parts.slice(1) : 'Incident';
}

function gradeOf(cells: Cells, field: 'impact' | 'urgency'): Grade | null {
  const grade = grades.get(cells[field]);
  if (grade === undefined) throw new Unreadable(`${field} ${cells[field]} is not 1, 2 or 3`);
  return grade;
}

const TIME = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/;

function timeOf(cells: Cells, field: 'openedAt' | 'updatedAt'): string {
  const [, day, month, year, hour, minute] = (TIME.exec(cells[field]) ?? []).map(Number);
  const time = new Date(Date.UTC(year ?? Number.NaN, (month ?? 0) - 1, day, hour, minute));
  // A day or an hour that does not exist would come out as another.
  const real = time.getUTCDate() === day && time.getUTCMonth() + 1 === month && time.getUTCHours() === hour;
  if (!real || (minute ?? 60) > 59) {
    throw new Unreadable(`${columnNames[field]} ${cells[field]} is not a time as in 29/2/2016 01:16`);
  }
  return time.toISOString();
}
