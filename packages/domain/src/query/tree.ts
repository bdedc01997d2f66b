/** What a query asks of a ticket. Whoever reads it need not know how it was written. */
export type Query =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Query[] }
  | { readonly kind: 'not'; readonly part: Query }
  | Words
  | { readonly kind: 'ticket'; readonly id: number }
  | { readonly kind: 'oneOf'; readonly field: ListedField; readonly values: readonly string[] }
  | { readonly kind: 'refersTo'; readonly field: ReferenceField; readonly names: readonly Name[] }
  | { readonly kind: 'source'; readonly system: string; readonly id: string }
  /** Has one of these ids in another system, whatever that is called. */
  | { readonly kind: 'sourceId'; readonly ids: readonly string[] }
  | { readonly kind: 'is'; readonly what: 'restricted' | 'reopened' }
  | ({ readonly kind: 'within'; readonly field: TimeField } & Period);

/** Words that stand one after the other, in the title or (unless it is the title alone) the description. */
export interface Words {
  readonly kind: 'words';
  readonly text: string;
  readonly place: 'anywhere' | 'title';
  /** `exact` words also match where their endings differ; `beginning` is one word of which only the beginning is known. */
  readonly form: 'word' | 'phrase' | 'beginning';
}

/** From `from` on and before `before`, both RFC 3339 in UTC; null is without end. */
export interface Period {
  readonly from: string | null;
  readonly before: string | null;
}

export type ListedField = 'status' | 'priority' | 'type' | 'tag';
export type ReferenceField = 'assignee' | 'requester' | 'team' | 'service';
export type TimeField = 'created' | 'updated' | 'resolved' | 'closed';

/** Somebody or something that a ticket refers to, as it was written. */
export interface Name {
  readonly kind: 'me' | 'none' | 'id' | 'name';
  readonly text: string;
  /** Where it stands, for whoever finds that it names nothing. */
  readonly at: Place;
}

/** A parameter of a search, and in a query the place in it: a character, counted from 1. */
export interface Place {
  readonly parameter: string;
  readonly position: number | null;
}

/** Asks nothing: every ticket is such a one. */
export const everyTicket: Query = { kind: 'and', parts: [] };

/** All of these at once. */
export const allOf = (parts: readonly Query[]): Query => joined('and', parts);

/** At least one of these. */
export const anyOf = (parts: readonly Query[]): Query => joined('or', parts);

/** What is asked twice is asked once: to look for it again would take as long again. */
function joined(kind: 'and' | 'or', parts: readonly Query[]): Query {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
  const different = [...new Map(flat.map((part) => [meaningOf(part), part])).values()];
  return different.length === 1 ? (different[0] as Query) : { kind, parts: different };
}

/** The same of two parts that ask the same, wherever in the query they stand. */
const meaningOf = (part: Query): string =>
  JSON.stringify(part, (field, value: unknown) => (field === 'at' ? undefined : value));
