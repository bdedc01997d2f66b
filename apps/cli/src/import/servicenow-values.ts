import type { ImportEntry } from './source.ts';

export type Snapshot = ImportEntry['ticket'];
type State = Pick<Snapshot, 'status' | 'holdReason'>;
export type HoldReason = NonNullable<Snapshot['holdReason']>;
export type ResolutionCode = NonNullable<Snapshot['resolution']>['code'];
export type Grade = NonNullable<Snapshot['impact']>;
type Priority = NonNullable<Snapshot['priority']>;

/** What a cell has that says nothing. */
export const MISSING = '?';

const nothing: ReadonlySet<string> = new Set([
  ...['', '?', '-', '--', 'null', '(null)', 'nil', 'none', '-- none --', 'n/a', '#n/a'],
  ...['unknown', 'undefined', '(empty)', '(blank)'],
]);

/** The number of an incident; only an empty cell and `?` are none, for `NA` may be the beginning of a series. */
export const numberOf = (cell: string | undefined): string => cell?.trim() || MISSING;

/** A cell without the white space around it; `?` for every way to say that there is nothing. */
export function cellValue(cell: string | undefined): string {
  const text = cell?.trim() ?? '';
  return text.length <= 10 && nothing.has(text.toLowerCase()) ? MISSING : text;
}

const onHold = (holdReason: HoldReason): State => ({ status: 'on_hold', holdReason });
const [open, inProgress, resolved, closed, cancelled]: State[] = (
  ['open', 'in_progress', 'resolved', 'closed', 'cancelled'] as const
).map((status) => ({ status }));

/** By label in small letters, and by the numbers of `state` and of the older `incident_state`. */
const states: ReadonlyMap<string, State | undefined> = new Map([
  ['new', open],
  ['1', open],
  ['assigned', inProgress],
  ['active', inProgress],
  ['in progress', inProgress],
  ['work in progress', inProgress],
  ['reopened', inProgress],
  ['2', inProgress],
  ['on hold', onHold('other')],
  ['3', onHold('other')],
  ['pending', onHold('other')],
  ['-5', onHold('other')],
  ['awaiting user info', onHold('requester')],
  ['awaiting caller', onHold('requester')],
  ['4', onHold('requester')],
  ['awaiting vendor', onHold('vendor')],
  ['awaiting problem', onHold('problem')],
  ['awaiting change', onHold('change')],
  ['awaiting evidence', onHold('evidence')],
  ['5', onHold('evidence')],
  ['resolved', resolved],
  ['6', resolved],
  ['closed', closed],
  ['closed complete', closed],
  ['closed incomplete', closed],
  ['closed skipped', closed],
  ['7', closed],
  ['canceled', cancelled],
  ['cancelled', cancelled],
  ['8', cancelled],
]);

/** `3 - On Hold` is both its number and its label, of which the label says more. */
const labelled = (value: string): readonly string[] => {
  const small = value.toLowerCase().replaceAll(/\s+/g, ' ');
  const [, number = small, label = small] = /^(-?\d+)\s*-\s*(\S.*)$/.exec(small) ?? [];
  return [label, number];
};

function lookUp<T>(table: ReadonlyMap<string, T>, value: string): T | undefined {
  return labelled(value)
    .map((name) => table.get(name))
    .find((found) => found !== undefined);
}

/** What a state is here; undefined for one that Tocsin has nothing for. */
export const stateOf = (value: string): State | undefined => lookUp(states, value);

const holdReasons: ReadonlyMap<string, HoldReason> = new Map([
  ['awaiting caller', 'requester'],
  ['1', 'requester'],
  ['awaiting evidence', 'evidence'],
  ['2', 'evidence'],
  ['awaiting problem', 'problem'],
  ['3', 'problem'],
  ['awaiting vendor', 'vendor'],
  ['4', 'vendor'],
  ['awaiting change', 'change'],
  ['5', 'change'],
]);
export const holdReasonOf = (value: string): HoldReason | undefined => lookUp(holdReasons, value);

const grades: ReadonlyMap<string, Grade> = new Map([
  ['1', 'high'],
  ['high', 'high'],
  ['2', 'medium'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['3', 'low'],
  ['low', 'low'],
]);
export const gradeOf = (value: string): Grade | undefined => lookUp(grades, value);

const priorities: ReadonlyMap<string, Priority> = new Map([
  ['1', 'urgent'],
  ['critical', 'urgent'],
  ['2', 'high'],
  ['high', 'high'],
  ['3', 'medium'],
  ['moderate', 'medium'],
  ['medium', 'medium'],
  ['4', 'low'],
  ['low', 'low'],
  ['5', 'low'],
  ['planning', 'low'],
]);
export const priorityOf = (value: string): Priority | undefined => lookUp(priorities, value);

const weights = { high: 2, medium: 1, low: 0 } as const;

/** What impact and urgency make of a priority by themselves. */
export function derivedPriority(impact: Grade, urgency: Grade): Priority {
  const weight = weights[impact] + weights[urgency];
  return weight === 4 ? 'urgent' : weight === 3 ? 'high' : weight === 2 ? 'medium' : 'low';
}

const closeCodes: ReadonlyMap<string, ResolutionCode> = new Map([
  ['solved (permanently)', 'fixed'],
  ['solved remotely (permanently)', 'fixed'],
  ['solution provided', 'fixed'],
  ['resolved by change', 'fixed'],
  ['resolved by problem', 'fixed'],
  ['solved (work around)', 'workaround'],
  ['solved remotely (work around)', 'workaround'],
  ['workaround provided', 'workaround'],
  ['known error', 'workaround'],
  ['duplicate', 'duplicate'],
  ['not solved (not reproducible)', 'not_reproducible'],
  ['not solved (too costly)', 'wont_fix'],
  ['user error', 'no_fault'],
  ['closed/resolved by caller', 'other'],
  ['resolved by caller', 'other'],
  ['resolved by request', 'other'],
  ['no resolution provided', 'other'],
]);
export const resolutionCodeOf = (value: string): ResolutionCode | undefined => lookUp(closeCodes, value);

/** Each column counts its own people: caller 10 and assignee 10 are two of them. */
const people = {
  requester: { word: 'Caller', numbered: /^caller\s+(\d+)$/i },
  assignee: { word: 'Assignee', numbered: /^(?:assignee|resolver)\s+(\d+)$/i },
  team: { word: 'Group', numbered: /^group\s+(\d+)$/i },
} as const;
export type Person = keyof typeof people;
export const persons = Object.keys(people) as Person[];

/** Nobody is null; a column that the log lacks is undefined, and leaves whoever is there. */
export function personOf(field: Person, value: string | undefined): Snapshot[Person] {
  if (value === undefined) return undefined;
  if (value === MISSING) return null;
  const { word, numbered } = people[field];
  // The same log is published with bare numbers and with a word before each.
  const id = numbered.exec(value)?.[1] ?? value;
  return { id: `${word.toLowerCase()}:${id}`, name: /^\d+$/.test(id) ? `${word} ${id}` : value };
}

/** `8` of `Opened by  8`, and whatever else stands there as it is. */
export const authorOf = (value: string | undefined): string =>
  /^(?:opened|updated) by\s+(\d+)$/i.exec(value ?? '')?.[1] ?? (value || MISSING);

/** `5` of `Category 5`. */
export const partOf = (word: string, value: string): string => {
  const [, name, number] = /^(\p{L}+)\s+(\d+)$/u.exec(value) ?? [];
  return number !== undefined && name?.toLowerCase() === word ? number : value;
};

/** `INC0000045`, `inc0000045` and `0000045` of one incident, and `45` where a spreadsheet has cut the zeros off. */
const INCIDENT = /^(?:INC)?0*(\d{1,17})$/i;

/** Which incident a number means: the same for every form of it. */
export function incidentOf(number: string): string {
  const digits = INCIDENT.exec(number)?.[1];
  return digits === undefined ? number : `INC${digits.padStart(7, '0')}`;
}

/** The other forms of a number in which the same incident may have come in. */
export function aliasesOf(number: string): string[] {
  const digits = INCIDENT.exec(number)?.[1];
  if (digits === undefined) return [];
  const padded = digits.padStart(7, '0');
  return [...new Set([`INC${padded}`, padded, digits])].filter((form) => form !== number);
}
