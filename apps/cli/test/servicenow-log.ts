import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '../src/import/encoding.ts';
import { openFile } from '../src/import/file.ts';
import { servicenow } from '../src/import/servicenow.ts';
import type { Reading, ReadOptions, SourceRow } from '../src/import/source.ts';
import { temporaryFolder } from './tocsin.ts';

/** How a log is read, and in which encoding. */
export type Options = Partial<ReadOptions> & { readonly encoding?: string };

/** Opens a log of ServiceNow as `tocsin import` does. */
export async function openLog(path: string, { encoding, ...options }: Options = {}): Promise<Reading> {
  const text = await decode({ ...(await openFile(path)), encoding: encoding ?? null });
  return servicenow.open({ path, text }, { dates: null, timeZone: null, grouped: false, ...options });
}

/** Every row of a file. */
export const readFile = async (path: string, options?: Options): Promise<SourceRow[]> => [
  ...(await openLog(path, options)).read(),
];

/** Writes a log. @returns its path */
export function written(text: string | Buffer): string {
  const path = join(temporaryFolder(), 'log.csv');
  writeFileSync(path, text);
  return path;
}

/** Every row of a log of this text. */
export const readText = (text: string | Buffer, options?: Options): Promise<SourceRow[]> =>
  readFile(written(text), options);

/** The header of a log without people. */
export const header =
  'number,ident_state,opened_by,opened_at,sys_updated_by,sys_updated_at,category,category,u_symptom,impact,urgency';
/** A row under `header`, with the cells that differ from an ordinary one. */
export const row = (number: string, changes: Partial<Record<string, string>> = {}): string => {
  const cells = {
    state: 'New',
    openedBy: '8',
    openedAt: '29/2/2016 01:16',
    by: '21',
    at: '29/2/2016 01:23',
    category: '55',
    subcategory: '170',
    symptom: '72',
    impact: '2',
    urgency: '2',
    ...changes,
  };
  return [number, ...Object.values(cells)].join(',');
};
/** Every row of a log of these rows. */
export const read = (...rows: string[]): Promise<SourceRow[]> => readText([header, ...rows, ''].join('\n'));
/** When each row opens its incident, and when it changes it. */
export const timesOf = (rows: SourceRow[]) => rows.map(({ opening, entry }) => [opening?.at, entry?.at]);

/** The header of a log with people. */
export const peopleHeader = `${header},caller_id,assigned_to,assignment_group`;
/** Every row of a log whose rows name these people. */
export const readPeople = (
  ...rows: [caller: string, assignee: string, group: string][]
): Promise<SourceRow[]> =>
  readText([peopleHeader, ...rows.map((people) => row('1', { people: people.join() }))].join('\n'));
