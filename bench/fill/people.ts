import { newId, utc } from '@tocsin/domain';
import distributions from './distributions.json' with { type: 'json' };
import { type Random, Weighted } from './random.ts';

/** A person, team or service as tickets refer to it. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Who there is on the desk: as many as in the history, whatever the number of tickets. */
export interface People {
  readonly callers: readonly Named[];
  readonly agents: readonly Named[];
  readonly teams: readonly Named[];
  readonly services: readonly Named[];
  /** As rows of their tables. */
  readonly rows: Readonly<Record<'users' | 'teams' | 'team_members' | 'services', object[]>>;
}

const SERVICES = 120;
const FIRST =
  'Ada Alan Barbara Carla Dennis Edsger Frances Grace Hedy Ida Jean Karen Ken Leslie Lynn Margaret Niklaus Radia Sophie Tony'.split(
    ' ',
  );

const callerCounts = distributions.callers.flatMap(([count = 0, people = 0]) =>
  Array.from({ length: people }, () => count),
);

/** Makes the people, teams and services of a desk. @param at since when they are there */
export function makePeople(random: Random, at: Date): People {
  const stamps = { created_at: utc(at), updated_at: utc(at) };
  const named = (name: string): Named => ({ id: newId(), name });
  const persons = (kind: string, counts: readonly number[]): Named[] =>
    counts.map((_, index) => named(`${random.pick(FIRST)} ${kind} ${index + 1}`));
  const agents = persons('Agent', distributions.assignees);
  const callers = persons('Caller', callerCounts);
  const teams = distributions.groups.map((_, index) => named(`Group ${index + 1}`));
  const services = Array.from({ length: SERVICES }, (_, index) => named(`Service ${index + 1}`));
  const user = (role: string) => (person: Named, index: number) => ({
    ...person,
    ...stamps,
    email: `${role}${index + 1}@bench.invalid`,
    role,
    kind: 'person',
    active: true,
  });
  const rows = {
    users: [...agents.map(user('agent')), ...callers.map(user('requester'))],
    teams: teams.map((team) => ({ ...team, ...stamps })),
    team_members: agents.map(({ id }, index) => ({ team_id: teams[index % teams.length]?.id, user_id: id })),
    services: services.map((service, index) => ({
      ...service,
      ...stamps,
      team_id: teams[index % teams.length]?.id,
    })),
  };
  return { callers, agents, teams, services, rows };
}

const weighted = (who: readonly Named[], counts: readonly number[]): Weighted<Named> =>
  new Weighted(who.map((person, index) => [person, counts[index] ?? 1]));

/** Who is drawn as often as in the history. */
export interface Draws {
  readonly caller: Weighted<Named>;
  readonly agent: Weighted<Named>;
  readonly team: Weighted<Named>;
  readonly service: Weighted<Named>;
}

export const drawsOf = ({ callers, agents, teams, services }: People): Draws => ({
  caller: weighted(callers, callerCounts),
  agent: weighted(agents, distributions.assignees),
  team: weighted(teams, distributions.groups),
  // Nobody counted these: a few services have most of the tickets.
  service: new Weighted(services.map((service, index) => [service, 1 / (index + 1)])),
});
