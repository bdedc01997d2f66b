import { Failure } from '../failures.ts';
import { type CsvRecord, CsvText } from './csv.ts';
import { list } from './list.ts';
import type { SourceFile } from './source.ts';

/** The columns that are used, by each name that they have in exports; the first that a file has counts. */
const columnNames = {
  number: ['number'],
  state: ['ident_state', 'incident_state', 'state'],
  openedBy: ['opened_by'],
  openedAt: ['opened_at', 'opened'],
  updatedBy: ['sys_updated_by', 'updated_by'],
  updatedAt: ['sys_updated_at', 'sys_updated_on', 'updated'],
  updates: ['sys_mod_count', 'updates'],
  title: ['short_description'],
  description: ['description'],
  category: ['category'],
  subcategory: ['subcategory'],
  symptom: ['u_symptom'],
  impact: ['impact'],
  urgency: ['urgency'],
  priority: ['priority'],
  requester: ['caller_id', 'caller'],
  assignee: ['assigned_to'],
  team: ['assignment_group'],
  holdReason: ['hold_reason', 'on_hold_reason'],
  closeCode: ['close_code', 'resolution_code'],
  closeNotes: ['close_notes', 'resolution_notes'],
} as const;

export type Field = keyof typeof columnNames;
export const fields = Object.keys(columnNames) as Field[];

const always: readonly Field[] = ['number', 'state', 'openedAt', 'updatedAt'];
/** What makes a title where a file has none. */
const instead: readonly Field[] = ['category', 'subcategory', 'symptom'];

/** Where a file has what. */
export interface Header {
  /** How many cells a row has. */
  readonly width: number;
  /** In which of them a field stands. */
  readonly places: ReadonlyMap<Field, number>;
  /** As the file calls the columns. */
  readonly names: readonly string[];
  readonly delimiter: string;
  /** Where the rows begin. */
  readonly offset: number;
  readonly line: number;
}

/** The column that a field is read from, as the file calls it. */
export const columnOf = ({ names, places }: Header, field: Field): string =>
  names[places.get(field) ?? -1] ?? columnNames[field][0];

/** Columns that are not read; one whose name another has that is read is called with its place. */
export const unusedColumns = ({ names, places }: Header): string[] => {
  const used = new Set(places.values());
  const read = new Set([...used].map((at) => spelled(names[at] ?? '')));
  return names.flatMap((name, at) => {
    if (name === '' || used.has(at)) return [];
    return read.has(spelled(name)) ? [`${name} (column ${at + 1})`] : [name];
  });
};

/** `Short description` and `short_description` are one. */
const spelled = (name: string): string => name.trim().toLowerCase().replaceAll(' ', '_');

/** What may stand between the cells of a file. */
const delimiters = [',', ';', '\t', '|'] as const;

/**
 * Reads the line that names the columns, behind one that says what stands between cells (`sep=;`) if there is one.
 * @throws Failure when this is no incident log
 */
export function readHeader({ path, text }: SourceFile): Header {
  const first = new CsvText(text, '\n').records().next().value;
  if (!first) throw new Failure(`${path} is empty.`);
  const said = /^"?sep=(.)"?$/i.exec(
    text.text(first.offset, Math.min(first.next - 1, first.offset + 10)),
  )?.[1];
  const start = said === undefined ? first : { offset: first.next, line: first.line + 1 };
  const found = (said === undefined ? delimiters : [said])
    .map((delimiter) =>
      headerOf(path, new CsvText(text, delimiter).records(start.offset, start.line), delimiter),
    )
    .reduce((best, one) => (one.places.size > best.places.size ? one : best));
  const absent = absentIn(found);
  if (absent.length === 0) return found;
  throw new Failure(
    [
      `${path} is not an incident event log of ServiceNow.`,
      `Its first line must name the columns; these are not there: ${absent.join(', ')}.`,
      ...(found.places.size > 0 ? [`It names ${list(found.names.map((name) => name.slice(0, 40)))}.`] : []),
    ].join('\n'),
  );
}

function headerOf(path: string, records: Iterator<CsvRecord, void>, delimiter: string): Header {
  const { value: record } = records.next();
  if (!record) throw new Failure(`${path} is empty.`);
  const names = record.cells.map(spelled);
  const places = new Map<Field, number>();
  for (const field of fields) {
    const place = columnNames[field].map((name) => names.indexOf(name)).find((at) => at >= 0);
    if (place !== undefined) places.set(field, place);
  }
  // The log as it was published has the name category twice, and the second one is the subcategory.
  const second = names.indexOf('category', (places.get('category') ?? 0) + 1);
  if (!places.has('subcategory') && second >= 0) places.set('subcategory', second);
  return {
    width: names.length,
    places,
    names: record.cells.map((cell) => cell.trim()),
    delimiter,
    offset: record.next,
    line: record.lastLine + 1,
  };
}

function absentIn({ places }: Header): string[] {
  const wanted = places.has('title') ? always : [...always, ...instead];
  const absent = wanted.filter((field) => !places.has(field));
  if (!absent.includes('category') && absent.includes('subcategory'))
    return absent.map((field) =>
      field === 'subcategory' ? 'category (twice) or subcategory' : columnNames[field][0],
    );
  return absent.map((field) => (field === 'state' ? 'ident_state or state' : columnNames[field][0]));
}
