import { type Ability, type Context, everything, type Statement } from '../core/index.ts';
import { TicketRow, ticketFields } from './model.ts';
import { ticketColumns } from './permissions.ts';

/** The columns of a ticket, each under the name of its property. */
export const columns = ticketFields.map(
  (field) => `tickets.${TicketRow.propertyNameToColumnName(field)} as "${field}"`,
);

/**
 * People are many: PostgreSQL would rather hash them all than look up those of a page, which took more than half of its
 * time for a list. Teams and services are few, and cheaper joined.
 */
const nameOf = (column: string): string => `(select name from users where users.id = tickets.${column})`;

/**
 * `select … from (…) tickets` with the names of what a ticket refers to, in the form that `ticketOfRow` reads; what follows
 * it begins with `where`. For statements that go to `ask`.
 * @param source `tickets`, or a query in parentheses that is called so
 * @param selected other columns than those of a ticket
 */
export const ticketSelectFrom = (
  source: string,
  selected: readonly string[] = columns,
): string => `select ${selected.join(', ')}, ${nameOf('requester_id')} as "requesterName",
 ${nameOf('assignee_id')} as "assigneeName", team.name as "teamName", service.name as "serviceName"
 from ${source}
 left join teams as team on team.id = tickets.team_id
 left join services as service on service.id = tickets.service_id`;

/** The same from all tickets. */
export const ticketSelect = ticketSelectFrom('tickets');

/** The tickets that the caller may see, as a condition in `ticketSelect`. */
export const mayRead = (ctx: Context): Statement =>
  ctx.ability.where('read', 'Ticket', { columns: ticketColumns });

/** Whether somebody may read every ticket, whatever is in it: figures of all tickets tell them nothing that is not theirs. */
export const readsEveryTicket = (ability: Ability): boolean =>
  ability.where('read', 'Ticket', { columns: ticketColumns }).sql === everything.sql;
