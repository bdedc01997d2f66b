import { setImmediate } from 'node:timers/promises';
import { CsvText } from './csv.ts';
import { DateEvidence, Times, utcZone, zoneOf } from './dates.ts';
import { RowIndex } from './order.ts';
import { type Header, readHeader, unusedColumns } from './servicenow-columns.ts';
import { Translation } from './servicenow-rows.ts';
import { incidentOf, MISSING, numberOf } from './servicenow-values.ts';
import type { DateOrder, Reading, ReadOptions, SourceFile, SourceReader } from './source.ts';

/** The audit log of ServiceNow's incidents: one row for each saved change. */
export const servicenow: SourceReader = {
  system: 'servicenow',
  summary: "ServiceNow's incident event log: CSV, a zip or gzip with it, or - for standard input",
  description: [
    'Takes the audit log of ServiceNow over: a row for each saved change of an incident.',
    'Each incident becomes a ticket that is opened at opened_at, and each row that changes something becomes an event at its sys_updated_at.',
    'short_description becomes its title (else category, subcategory and symptom make one), caller_id its requester, assigned_to its assignee, assignment_group its team: people who are not active until an administrator lets them in.',
    'Rows are known by the time and count of their change, so files may overlap and come in parts; the newest may come first.',
    'Cells may be separated by commas, semicolons or tabs. Times may be 29/2/2016 01:16, 02-29-2016 01:16:00 AM or ISO 8601; without an offset they are UTC unless --time-zone says otherwise.',
    'docs/importing.md says what becomes of each column and state.',
  ].join(' '),
  example: 'incident_event_log.zip',
  open: openLog,
};

/** So many rows are looked at before other work gets its turn. */
const ROWS_AT_ONCE = 20_000;

async function openLog(file: SourceFile, { dates, timeZone, grouped }: ReadOptions): Promise<Reading> {
  const header = readHeader(file);
  const text = new CsvText(file.text, header.delimiter);
  const order = dates ?? (await dateOrder(file, { header, text }));
  const index = await indexOf({ header, text }, order);
  const zone = timeZone === null ? utcZone : await zoneOf(timeZone);
  const translation = new Translation(header, new Times(order, zone));
  return {
    rows: index.length,
    *read() {
      for (const { offset, line } of index.places({ grouped }))
        yield translation.row(text.record(offset, line));
    },
    leftOut: () => ({ columns: unusedColumns(header), values: translation.leftValues() }),
  };
}

interface Log {
  readonly header: Header;
  readonly text: CsvText;
}

/** @throws Failure where the dates can be read in two ways */
async function dateOrder({ path }: SourceFile, { header, text }: Log): Promise<DateOrder> {
  const evidence = new DateEvidence();
  const places = (['openedAt', 'updatedAt'] as const).map((field) => header.places.get(field) ?? 0);
  let rows = 0;
  for (const { cells, line } of text.records(header.offset, header.line)) {
    if (cells.length === header.width)
      for (const place of places) evidence.look(cells[place]?.trim() ?? '', line);
    rows += 1;
    if (rows % ROWS_AT_ONCE === 0) await setImmediate();
  }
  return evidence.decide(path);
}

/** Where each row is, and when and of what. */
async function indexOf({ header, text }: Log, order: DateOrder): Promise<RowIndex> {
  const index = new RowIndex();
  const times = new Times(order, utcZone);
  const [number = 0, updatedAt = 0, updates] = (['number', 'updatedAt', 'updates'] as const).map((field) =>
    header.places.get(field),
  );
  for (const { cells, offset, line } of text.records(header.offset, header.line)) {
    const id = cells.length === header.width ? numberOf(cells[number]) : MISSING;
    const time = times.read(cells[updatedAt]?.trim() ?? '')?.local ?? Number.NaN;
    const count = updates === undefined ? Number.NaN : countOf(cells[updates]);
    index.add({ offset, line, id: id === MISSING ? null : incidentOf(id), time, count });
    if (index.length % ROWS_AT_ONCE === 0) await setImmediate();
  }
  return index;
}

const countOf = (cell: string | undefined): number =>
  /^\s*\d{1,9}\s*$/.test(cell ?? '') ? Number(cell) : Number.NaN;
