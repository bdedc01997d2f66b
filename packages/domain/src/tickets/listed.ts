import { type NamedRow, ticketOf } from './model.ts';
import { EXCERPT, type ListedTicket } from './schema.ts';
import { columns, ticketSelectFrom } from './select.ts';

/** A row of a list. */
export interface ListedRow extends NamedRow {
  /** Bytes of the whole description, where `description` may be the beginning of it. */
  readonly descriptionBytes?: number | null;
  /** How many rows there would be, where only so many were read as may be shown. */
  readonly found?: number;
}

/** A description of no more bytes has no more characters either, and is taken as it is. */
const DESCRIPTION = `case when octet_length(tickets.description) <= ${EXCERPT} then tickets.description
 else left(tickets.description, ${EXCERPT}) end as "description", octet_length(tickets.description) as "descriptionBytes"`;

const excerptColumns = columns.map((column) =>
  column.startsWith('tickets.description ') ? DESCRIPTION : column,
);

/**
 * `select … from (…) tickets` as `ticketSelectFrom` has it, but that of a long description only the beginning is read.
 * @param whole true for whole descriptions, from a source that is bounded by `wholeWithin`
 */
export const listedSelectFrom = (source: string, whole = false): string =>
  ticketSelectFrom(source, whole ? [...columns, 'tickets.found::int as "found"'] : excerptColumns);

/**
 * The first tickets of a page, as many as have descriptions of no more than so many bytes before the last: their sizes are
 * known without reading them.
 * @param page a query in parentheses that is called `tickets`; @param order what it is sorted by
 */
export const wholeWithin = (page: string, order: string, maxBytes: number): string =>
  `(select * from (select tickets.*, count(*) over () as found,
 coalesce(sum(octet_length(tickets.description)) over (${order} rows between unbounded preceding and 1 preceding), 0) as before
 from ${page}) as tickets where before < ${maxBytes}) as tickets`;

const isCut = ({ description, descriptionBytes = null }: ListedRow): boolean =>
  description !== null &&
  descriptionBytes !== null &&
  descriptionBytes > EXCERPT &&
  descriptionBytes > Buffer.byteLength(description);

/** A row as lists show it. */
export const listedTicketOf = (row: ListedRow): ListedTicket =>
  isCut(row) ? { ...ticketOf(row), descriptionTruncated: true } : ticketOf(row);

/** What a ticket has in JSON beside what people wrote. */
const FIXED = 1_200;

/** About as many characters as a ticket has in JSON, and rather more than fewer. */
export const characterCount = ({
  title,
  description,
  resolution,
  tags,
  requester,
  assignee,
  team,
  service,
  source,
}: ListedTicket): number =>
  FIXED / 6 +
  title.length +
  (description?.length ?? 0) +
  (resolution?.note?.length ?? 0) +
  tags.reduce((sum, tag) => sum + tag.length + 1, 0) +
  (requester?.name.length ?? 0) +
  (assignee?.name.length ?? 0) +
  (team?.name.length ?? 0) +
  (service?.name.length ?? 0) +
  (source?.id.length ?? 0);
