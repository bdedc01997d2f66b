import { type CsvRecord, MAX_CELL_BYTES } from './csv.ts';
import type { Moment, Times } from './dates.ts';
import { columnOf, type Field, type Header } from './servicenow-columns.ts';
import { keyOf, noneTied, type Tied, titleOf, type Values } from './servicenow-keys.ts';
import {
  aliasesOf,
  authorOf,
  cellValue,
  derivedPriority,
  type Grade,
  gradeOf,
  holdReasonOf,
  incidentOf,
  MISSING,
  numberOf,
  personOf,
  persons,
  priorityOf,
  resolutionCodeOf,
  type Snapshot,
  stateOf,
} from './servicenow-values.ts';
import type { ImportEntry, LeftValue, SourceRow } from './source.ts';

/** The desk takes 1 MiB at once. */
const MAX_SENT_BYTES = 950_000;
const tooLarge = {
  code: 'row.unreadable',
  reason: 'the row has more text than can be sent at once (950,000 bytes)',
};

/** Text grows as it is sent, and what opens its ticket goes twice; most rows are too short to be measured. */
const isTooLarge = ({ offset, next }: CsvRecord, row: Omit<SourceRow, 'line'>): boolean =>
  next - offset > MAX_SENT_BYTES / 12 && Buffer.byteLength(JSON.stringify(row)) > MAX_SENT_BYTES;

/** A row that cannot be taken over; the message says why. */
class Rejected extends Error {
  readonly code: string;

  constructor(reason: string, code = 'row.unreadable') {
    super(reason);
    this.code = code;
  }
}

/** As far ahead as the desk itself takes an entry. */
const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

/** How far an incident has been read. */
interface Progress {
  /** Of its next row. Rejected rows have a position too, so that those after them keep theirs at every reading. */
  position: number;
  /** The number as its first row writes it. */
  readonly number: string;
  /** Null until a row has opened it. */
  openedAt: string | null;
  /** The latest time so far, and the key of the last entry. */
  reachedAt: string;
  key: string | undefined;
  readonly tied: Tied;
  /** The state of the row before, with the resolution that its first row gave. */
  ended: { readonly status: Snapshot['status']; readonly resolution: string };
  /** Once a priority is not what impact and urgency make, it is given with every row. */
  givesPriority: boolean;
}

const beginning = (number: string): Progress => ({
  position: 1,
  number,
  openedAt: null,
  reachedAt: '',
  key: undefined,
  tied: noneTied(),
  ended: { status: undefined, resolution: '' },
  givesPriority: false,
});

/** So many values that are left out are named; a file of nothing else must not fill the memory. */
const MAX_LEFT_VALUES = 50;

/** What stands where a program that wrote the file could not write a letter; the letter itself is gone. */
const LOST_LETTER = '\u{fffd}';
const LOST = 'the text with letters missing; they were lost before this file was written';

/** Makes entries of the rows of one file. */
export class Translation {
  readonly #header: Header;
  readonly #times: Times;
  readonly #begun = new Map<string, Progress>();
  readonly #left = new Map<string, LeftValue>();

  constructor(header: Header, times: Times) {
    this.#header = header;
    this.#times = times;
  }

  leftValues(): LeftValue[] {
    return [...this.#left.values()];
  }

  /** Rows must come in the order in which they happened. */
  row(record: CsvRecord): SourceRow {
    const { line } = record;
    try {
      const written = this.#valuesOf(record);
      const incident = incidentOf(written.number);
      const progress = this.#begun.get(incident) ?? beginning(written.number);
      this.#begun.set(incident, progress);
      const values = { ...written, number: progress.number };
      const position = progress.position++;
      this.#checkLengths(record);
      const opening = progress.openedAt ? undefined : this.#opening(values, progress);
      // A row that is rejected opens nothing either: the next one that can be taken over does.
      const openedAt = opening?.at ?? progress.openedAt ?? '';
      const entry = this.#entry(values, progress, { position, openedAt });
      const row = { line, ...(opening && { opening }), entry };
      if (isTooLarge(record, row)) return { line, rejection: tooLarge };
      progress.openedAt = openedAt;
      return row;
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      return { line, rejection: { code: error.code, reason: error.message } };
    }
  }

  #valuesOf({ cells, line, lastLine, fault }: CsvRecord): Values {
    if (fault !== undefined) throw new Rejected(fault);
    const { width, places } = this.#header;
    if (cells.length !== width) {
      const until = lastLine > line ? ` (it goes on until line ${lastLine}: is a quote not closed?)` : '';
      throw new Rejected(`the row has ${cells.length} cells, the header ${width}${until}`);
    }
    const values: Partial<Record<Field, string>> = {};
    for (const [field, place] of places) {
      const isAuthor = field === 'openedBy' || field === 'updatedBy';
      if (cells[place]?.includes(LOST_LETTER)) this.#leave(field, LOST_LETTER, LOST);
      values[field] = isAuthor ? (cells[place] ?? '').trim() : cellValue(cells[place]);
    }
    values.number = numberOf(cells[places.get('number') ?? -1]);
    if (values.number === MISSING) throw new Rejected('the number of the incident is missing');
    return values as Values;
  }

  #checkLengths({ long }: CsvRecord): void {
    if (!long) return;
    for (const [field, place] of this.#header.places) {
      const bytes = long.get(place);
      if (bytes === undefined) continue;
      const [has, most] = [bytes, MAX_CELL_BYTES].map((count) => count.toLocaleString('en'));
      throw new Rejected(
        `${columnOf(this.#header, field)} is a field of ${has} bytes; at most ${most} can be taken over`,
      );
    }
  }

  /** An incident begins open, whatever the state of its first row. */
  #opening(values: Values, progress: Progress): ImportEntry {
    return {
      ...idOf(values),
      position: 0,
      at: new Date(this.#time(values, 'openedAt').utc).toISOString(),
      by: authorOf(values.openedBy),
      ticket: { type: 'incident', ...this.#content(values, progress) },
    };
  }

  #entry(values: Values, progress: Progress, { position, openedAt }: Place): ImportEntry {
    const state = this.#state(values, progress);
    const time = this.#time(values, 'updatedAt');
    const by = authorOf(values.updatedBy);
    const ticket = { ...this.#content(values, progress), ...state };
    const key = keyOf(progress.tied, time, values);
    const at = timeAfter(openedAt > progress.reachedAt ? openedAt : progress.reachedAt, time);
    // Where the log itself is not in the order of time, the desk must know that nothing is missing between.
    const after = at < progress.reachedAt ? progress.key : undefined;
    if (at > progress.reachedAt) progress.reachedAt = at;
    progress.key = key;
    return { ...idOf(values), key, ...(after === undefined ? {} : { after }), position, at, by, ticket };
  }

  #time(values: Values, field: 'openedAt' | 'updatedAt'): Moment {
    const text = values[field] ?? MISSING;
    const moment = this.#times.read(text);
    if (moment) {
      if (moment.utc <= Date.now() + MAX_AHEAD_MS) return moment;
      throw new Rejected(
        `${columnOf(this.#header, field)} ${text} lies in the future; a history tells what has happened`,
        'import.in_future',
      );
    }
    throw new Rejected(
      `${columnOf(this.#header, field)} ${text} is not a time as in 29/2/2016 01:16 or 2016-02-29 01:16:00`,
    );
  }

  #state(values: Values, progress: Progress): Pick<Snapshot, 'status' | 'holdReason' | 'resolution'> {
    const text = values.state ?? MISSING;
    const state = stateOf(text);
    if (!state) throw new Rejected(`state ${text} is none that Tocsin knows`);
    if (state.status === 'on_hold')
      return { ...state, holdReason: this.#holdReason(values) ?? state.holdReason };
    if (state.status !== 'resolved' && state.status !== 'closed') {
      progress.ended = { status: state.status, resolution: '' };
      return { ...state };
    }
    const resolution = this.#resolution(values);
    const written = JSON.stringify(resolution);
    if (progress.ended.status !== state.status)
      progress.ended = { status: state.status, resolution: written };
    if (progress.ended.resolution === written) return { ...state, resolution };
    // A resolution is told with the move to a state; a row that stays in it cannot change it.
    this.#leave('closeNotes', 'changed afterwards', 'the resolution that they were given first');
    return { ...state };
  }

  #holdReason({ holdReason = MISSING }: Values): Snapshot['holdReason'] {
    if (holdReason === MISSING) return undefined;
    return (
      holdReasonOf(holdReason) ?? this.#leave('holdReason', holdReason, 'a hold reason of its own state')
    );
  }

  /** Where the log does not tell how an incident was resolved, it is `other`. */
  #resolution({ closeCode = MISSING, closeNotes = MISSING }: Values): NonNullable<Snapshot['resolution']> {
    const known = closeCode === MISSING ? undefined : resolutionCodeOf(closeCode);
    if (closeCode !== MISSING && !known) this.#leave('closeCode', closeCode, 'other');
    return { code: known ?? 'other', ...(closeNotes === MISSING ? {} : { note: closeNotes }) };
  }

  #content(values: Values, progress: Progress): Omit<Snapshot, 'status' | 'holdReason' | 'resolution'> {
    const [impact, urgency] = [this.#grade(values, 'impact'), this.#grade(values, 'urgency')];
    const priority = this.#priority(values, { impact, urgency });
    progress.givesPriority ||=
      priority !== undefined && !(impact && urgency && derivedPriority(impact, urgency) === priority);
    return {
      title: titleOf(values),
      ...(values.description === undefined ? {} : { description: orNull(values.description) }),
      impact,
      urgency,
      ...(progress.givesPriority && priority !== undefined ? { priority } : {}),
      ...Object.fromEntries(persons.map((field) => [field, personOf(field, values[field])])),
    };
  }

  #grade(values: Values, field: 'impact' | 'urgency'): Grade | null | undefined {
    const text = values[field];
    if (text === undefined) return undefined;
    if (text === MISSING) return null;
    const grade = gradeOf(text);
    if (grade === undefined) throw new Rejected(`${field} ${text} is not 1, 2 or 3`);
    return grade;
  }

  #priority({ priority: text = MISSING }: Values, { impact, urgency }: Graded): Snapshot['priority'] {
    if (text === MISSING) return undefined;
    const priority = priorityOf(text);
    const instead = impact && urgency ? derivedPriority(impact, urgency) : 'medium';
    return priority ?? this.#leave('priority', text, instead);
  }

  #leave(field: Field, value: string, became: string): undefined {
    const column = columnOf(this.#header, field);
    const name = `${column}\n${value}`;
    const known = this.#left.get(name);
    if (known) known.rows += 1;
    else if (this.#left.size < MAX_LEFT_VALUES)
      this.#left.set(name, { column, value: value.slice(0, 100), became, rows: 1 });
  }
}

/** Where an entry stands in its incident. */
interface Place {
  readonly position: number;
  readonly openedAt: string;
}

/** Of a time that a clock showed twice the second one, where the first would lie before what has happened already. */
function timeAfter(reachedAt: string, { utc, later }: Moment): string {
  const first = new Date(utc).toISOString();
  if (later === utc || first >= reachedAt) return first;
  const second = new Date(later).toISOString();
  return second >= reachedAt ? second : first;
}

interface Graded {
  readonly impact: Grade | null | undefined;
  readonly urgency: Grade | null | undefined;
}

const orNull = (value: string): string | null => (value === MISSING ? null : value);

function idOf({ number }: Values): Pick<ImportEntry, 'id' | 'aliases'> {
  const aliases = aliasesOf(number);
  return aliases.length > 0 ? { id: number, aliases } : { id: number };
}
