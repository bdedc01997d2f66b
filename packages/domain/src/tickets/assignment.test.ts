import { expect, test } from 'vitest';
import { type Caller, newId, roles } from '../core/index.ts';
import { addMember, createTeam } from '../identity/index.ts';
import { create as createPerson, edit as editPerson } from '../people.ts';
import { administrator, testContext, testDatabase } from '../testing/index.ts';
import { create, edit, get, move } from './index.ts';
import { TicketRow } from './model.ts';
import { CreateTicket, EditTicket } from './schema.ts';

async function desk() {
  const { db } = await testDatabase();
  const admin = testContext(db);
  const person = (role: (typeof roles)[number]) =>
    createPerson(admin, { email: `${newId()}@example.com`, name: role, role });
  const as = (caller: Partial<Caller>) => testContext(db, { caller: { ...administrator, ...caller } });
  return { db, admin, person, as };
}

const fault = (path: string, message: RegExp, code = 'input.invalid') => ({
  kind: 'invalid',
  code,
  faults: [{ path: [path], message: expect.stringMatching(message) }],
});

test.each(roles)('a ticket can be assigned to a %s exactly where they can work on it', async (role) => {
  const { admin, person, as } = await desk();
  const { id, name } = await person(role);
  const works = ['agent', 'lead', 'admin'].includes(role);
  for (const restricted of [false, true]) {
    const ticket = await create(admin, CreateTicket.parse({ title: 't', restricted }));
    const give = () => edit(admin, EditTicket.parse({ id: ticket.id, assigneeId: id }));
    const open = () => create(admin, CreateTicket.parse({ title: 't', restricted, assigneeId: id }));
    if (!works) {
      await expect(give()).rejects.toMatchObject(fault('assigneeId', /cannot work on tickets/));
      await expect(open()).rejects.toMatchObject(fault('assigneeId', /cannot work on tickets/));
      continue;
    }
    expect((await give()).assignee).toEqual({ id, name });
    const own = as({ id, role, teamIds: [] });
    await edit(own, EditTicket.parse({ id: ticket.id, title: 'mine' }));
    expect(await move(own, { id: (await open()).id, status: 'in_progress' })).toMatchObject({ version: 2 });
  }
});

test('who loses the role or the account keeps their tickets, is told as their owner, and gets no more', async () => {
  const { admin, person } = await desk();
  const { id } = await person('agent');
  const ticket = await create(admin, CreateTicket.parse({ title: 't', assigneeId: id, restricted: true }));
  const changed = await editPerson(admin, { id, role: 'requester' });
  expect(changed.openTickets?.map((one) => one.id)).toEqual([ticket.id]);
  const other = await create(admin, CreateTicket.parse({ title: 't' }));
  await expect(edit(admin, EditTicket.parse({ id: other.id, assigneeId: id }))).rejects.toMatchObject(
    fault('assigneeId', /cannot work/),
  );
  // What else is changed does not ask who has it; to name them again changes nothing.
  await edit(admin, EditTicket.parse({ id: ticket.id, title: 'other', restricted: false }));
  expect(
    (await edit(admin, EditTicket.parse({ id: ticket.id, assigneeId: id, restricted: true }))).version,
  ).toBe(3);
  expect((await editPerson(admin, { id, role: 'auditor' })).openTickets).toBeUndefined();
  expect((await editPerson(admin, { id, role: 'lead' })).openTickets).toBeUndefined();
  expect((await editPerson(admin, { id, active: false })).openTickets).toHaveLength(1);
});

test('nothing vanishes before the eyes of who opens, restricts or hands over a ticket', async () => {
  const { db, admin, person, as } = await desk();
  const [lead, colleague] = [await person('lead'), await person('agent')];
  const [own, foreign] = [
    await createTeam(admin, { name: 'Own' }),
    await createTeam(admin, { name: 'Foreign' }),
  ];
  await addMember(admin, { id: own.id, userId: lead.id });
  const ctx = as({ id: lead.id, role: 'lead', teamIds: [own.id] });
  const outOfSight = fault('restricted', /could not read this ticket/, 'ticket.out_of_sight');

  const opening = (fields: object) =>
    create(ctx, CreateTicket.parse({ title: 't', restricted: true, ...fields }));
  for (const fields of [
    {},
    { teamId: foreign.id },
    { assigneeId: colleague.id },
    { requesterId: colleague.id },
  ])
    await expect(opening(fields)).rejects.toMatchObject(outOfSight);
  expect(await TicketRow.query(db)).toEqual([]);
  for (const fields of [
    { teamId: own.id },
    { assigneeId: lead.id },
    { requesterId: lead.id, teamId: foreign.id },
  ])
    expect((await get(ctx, { id: (await opening(fields)).id })).restricted).toBe(true);

  const { id } = await create(ctx, CreateTicket.parse({ title: 't', teamId: foreign.id }));
  const change = (fields: object) => edit(ctx, EditTicket.parse({ id, ...fields }));
  await expect(change({ restricted: true })).rejects.toMatchObject(outOfSight);
  await expect(change({ restricted: true, assigneeId: colleague.id })).rejects.toMatchObject(outOfSight);
  expect(await change({ restricted: true, teamId: own.id })).not.toHaveProperty('readable');
  await expect(change({ teamId: null })).rejects.toMatchObject(outOfSight);
  expect(await change({ teamId: foreign.id, assigneeId: colleague.id })).toMatchObject({
    version: 3,
    readable: false,
  });
  await expect(get(ctx, { id })).rejects.toMatchObject({ code: 'ticket.not_found' });
});
