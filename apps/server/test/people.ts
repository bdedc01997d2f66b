import { expect } from 'vitest';
import type { RunningApp } from './running-app.ts';

type Call = RunningApp['call'];

export const roles = ['requester', 'agent', 'lead', 'admin', 'auditor'] as const;
export type Role = (typeof roles)[number];

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** An API token that is not narrowed. */
  readonly token: string;
}

/** A desk with a person of every role; the agent and the lead are in the team `own`. */
export interface World {
  readonly people: Readonly<Record<Role | 'neighbour' | 'colleague', Person>>;
  readonly own: string;
  readonly foreign: string;
  readonly service: string;
  /** Calls the desk, as the administrator unless told otherwise. */
  readonly call: Call;
  /** Opens a ticket as the administrator. */
  open(fields?: object): Promise<{ id: number; version: number }>;
}

export const PASSWORD = 'four words nobody guesses';

/** What a call answered, which must be a success. */
async function done(answer: ReturnType<Call>) {
  const { status, body, text } = await answer;
  expect(status, text).toBeLessThan(300);
  return body;
}

/** Makes a person and an API token of theirs, as they would. */
export async function makePerson(call: Call, name: string, role: Role): Promise<Person> {
  const email = `${name}@example.com`;
  const json = { email, name, role, password: PASSWORD };
  const { id } = await done(call('/users', { json }));
  const session = await done(call('/sessions', { json: { email, password: PASSWORD }, token: null }));
  const { token } = await done(call('/tokens', { json: { name: 'Own' }, token: session.token }));
  return { id, name, email, token };
}

export async function makeWorld({ call }: RunningApp): Promise<World> {
  const people = {} as Record<keyof World['people'], Person>;
  for (const role of roles) people[role] = await makePerson(call, role, role);
  people.neighbour = await makePerson(call, 'neighbour', 'requester');
  people.colleague = await makePerson(call, 'colleague', 'agent');
  const own = (await done(call('/teams', { json: { name: 'Own' } }))).id;
  const foreign = (await done(call('/teams', { json: { name: 'Foreign' } }))).id;
  for (const { id } of [people.agent, people.lead])
    await done(call(`/teams/${own}/members/${id}`, { method: 'PUT' }));
  const service = (await done(call('/services', { json: { name: 'VPN', teamId: foreign } }))).id;
  const open = (fields: object = {}) => done(call('/tickets', { json: { title: 'Disk full', ...fields } }));
  return { people, own, foreign, service, call, open };
}
