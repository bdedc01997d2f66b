import type { Client, Inputs } from '@tocsin/client';
import type { Command } from 'commander';
import { naming, serviceId, teamId, userId } from '../names.ts';
import { given } from '../options.ts';

const fields = ['requester', 'assignee', 'team', 'service'] as const;
type Field = (typeof fields)[number];

/** Whom and what tickets have to do with, as it was typed. */
type ReferenceFilters = { readonly [Name in Field]?: string };
/** The same of one ticket, of which it can be taken away: `false` is `--no-…`. */
export type ReferenceOptions = { readonly [Name in Field]?: string | false };

type References = Pick<Inputs['tickets']['edit'], `${Field}Id`>;

/** The options that say whom and what a ticket has to do with. */
export const addReferenceOptions = (command: Command): Command =>
  command
    .option('--requester <user>', `whom it is for: ${naming.user}`)
    .option('--assignee <user>', `who works on it: ${naming.user}`)
    .option('--team <team>', `the team that works on it: ${naming.team}`)
    .option('--service <service>', `what it is about: ${naming.service}`);

/** The options that take it away again. */
export const addReferenceClearingOptions = (command: Command): Command =>
  command
    .option('--no-requester', 'for nobody in particular')
    .option('--no-assignee', 'nobody works on it')
    .option('--no-team', 'no team works on it')
    .option('--no-service', 'about no service');

/** True when any of them was given. */
export const hasReferences = (options: ReferenceOptions): boolean =>
  fields.some((field) => options[field] !== undefined);

/** The ids of what was named. @throws Failure for a name that nobody has, or several */
async function idsOf(client: Client, filters: ReferenceFilters) {
  const { requester, assignee, team, service } = filters;
  // Together, so that they travel together.
  const [requesterId, assigneeId, namedTeam, namedService] = await Promise.all([
    requester === undefined ? undefined : userId(client, requester),
    assignee === undefined ? undefined : userId(client, assignee),
    team === undefined ? undefined : teamId(client, team),
    service === undefined ? undefined : serviceId(client, service),
  ]);
  return given({ requesterId, assigneeId, teamId: namedTeam, serviceId: namedService });
}

/** What was typed of one ticket, as the desk takes it: ids, and null for what is taken away. @throws what `idsOf` throws */
export async function referencesOf(client: Client, options: ReferenceOptions): Promise<References> {
  const typed = Object.entries(options).filter(([field]) => fields.includes(field as Field));
  const named = typed.filter(([, value]) => typeof value === 'string');
  const cleared = typed.filter(([, value]) => value === false).map(([field]) => [`${field}Id`, null]);
  return { ...(await idsOf(client, Object.fromEntries(named))), ...Object.fromEntries(cleared) };
}
