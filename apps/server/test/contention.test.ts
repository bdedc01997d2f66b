import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { makePerson, PASSWORD } from './people.ts';
import { runApp } from './running-app.ts';

const { call, trpc, database } = await runApp();
const times = <T>(count: number, act: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => act(n)));

async function open(title: string): Promise<number> {
  return (await call('/tickets', { json: { title } })).body.id;
}

/** Rows that another process holds until `release`, or the end of the test. */
async function held(table: string, column: string, ids: readonly unknown[]) {
  const holder = await database.db.transaction();
  const release = async () => void (await holder.rollback());
  onTestFinished(release);
  await holder.raw('set local idle_in_transaction_session_timeout = 0');
  await holder(table)
    .whereIn(column, ids as string[])
    .forUpdate();
  return { release };
}

/** How many statements wait for locks. */
const waiting = async (): Promise<number> => {
  const { rows } = await database.db.raw(
    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows.length;
};

const isWaiting = async (): Promise<boolean> => (await waiting()) > 0;

const edit = (id: number, n: number, headers = {}) =>
  call(`/tickets/${id}`, { method: 'PATCH', json: { title: `Title ${n}` }, headers });

test('while 150 edits wait for one ticket everybody else is served, and then all are carried out', async () => {
  const [id, other] = [await open('Held'), await open('Other')];
  const { release } = await held('tickets', 'id', [id]);
  const answers = times(150, (n) => edit(id, n));
  await expect.poll(isWaiting).toBe(true);
  expect((await call(`/tickets/${other}`)).status).toBe(200);
  expect((await call('/tickets?q=other')).status).toBe(200);
  expect((await edit(other, 1)).status).toBe(200);
  expect((await trpc('tickets.create', { title: 'New' }, { type: 'mutation' })).status).toBe(200);
  await release();
  expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
  expect((await call(`/tickets/${id}`)).body.version).toBe(151);
});

test('edits of a ticket that stays held are refused in the documented way, and write nothing', async () => {
  const id = await open('Held for good');
  await held('tickets', 'id', [id]);
  const answers = await times(150, (n) => edit(id, n));
  for (const { status, body, headers } of answers)
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'write.contended', '1']);
  expect((await call(`/tickets/${id}`)).body.version).toBe(1);
});

test('edits of one ticket do not fill the places of all', async () => {
  const id = await open('Held');
  const { release } = await held('tickets', 'id', [id]);
  const answers = times(260, (n) => edit(id, n));
  await expect.poll(isWaiting).toBe(true);
  expect((await call('/me')).status).toBe(200);
  await release();
  const statuses = (await answers).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(200);
  expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
});

test('reads have connections left while writes of many tickets wait', async () => {
  const ids = await times(30, (n) => open(`Held ${n}`));
  const other = await open('Other');
  const { release } = await held('tickets', 'id', ids);
  const answers = times(90, (n) => edit(ids[n % 30]!, n));
  await expect.poll(isWaiting).toBe(true);
  const reads = await times(20, () => call(`/tickets/${other}`));
  expect(new Set(reads.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await call('/tickets?q=other&sort=updatedAt')).status).toBe(200);
  await release();
  expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
});

test('while one caller edits many tickets that are held, the writes of another do not wait', async () => {
  const other = await makePerson(call, 'writer', 'agent');
  const ids = await times(30, (n) => open(`Held ${n}`));
  const { release } = await held('tickets', 'id', ids);
  let done = 0;
  const answers = times(30, (n) => edit(ids[n]!, n).finally(() => (done += 1)));
  await expect.poll(waiting).toBeGreaterThanOrEqual(6);
  const { status } = await call('/tickets', { json: { title: 'New' }, token: other.token });
  expect([status, done]).toEqual([201, 0]);
  await release();
  expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
});

test('a request with the key of one that waits is told so at once', async () => {
  const id = await open('Held');
  const { release } = await held('tickets', 'id', [id]);
  const headers = { 'idempotency-key': 'the-same' };
  const [front, first] = [edit(id, 1), edit(id, 2, headers)];
  await expect.poll(isWaiting).toBe(true);
  const second = await edit(id, 2, headers);
  expect([second.status, second.body.code]).toEqual([409, 'idempotency.in_progress']);
  await release();
  expect([(await front).status, (await first).status]).toEqual([200, 200]);
  expect((await edit(id, 2, headers)).headers.get('idempotent-replayed')).toBe('true');
});

test('a caller who may not see a ticket does not wait for those who change it', async () => {
  const stranger = await makePerson(call, 'stranger', 'requester');
  const id = await open('Held');
  const { release } = await held('tickets', 'id', [id]);
  const answers = times(3, (n) => edit(id, n));
  await expect.poll(isWaiting).toBe(true);
  const refused = await call(`/tickets/${id}`, {
    method: 'PATCH',
    json: { title: 'Mine' },
    token: stranger.token,
  });
  expect([refused.status, refused.body.code]).toEqual([404, 'ticket.not_found']);
  await release();
  await answers;
});

test.each([
  ['teams', 'PATCH', { name: 'T' }],
  ['views', 'PATCH', { name: 'V' }],
  ['users', 'PATCH', { name: 'U' }],
])('while many change one of the %s everybody else is served', async (table, method, patch) => {
  const made: Record<string, object> = {
    teams: { name: 'Team' },
    views: { name: 'View', query: 'disk' },
    users: { name: 'User', email: 'user@example.com', role: 'agent' },
  };
  const { id } = (await call(`/${table}`, { json: made[table] })).body;
  const { release } = await held(table, 'id', [id]);
  const answers = times(100, () => call(`/${table}/${id}`, { method, json: patch }));
  await expect.poll(isWaiting).toBe(true);
  expect((await call('/tickets?q=other')).status).toBe(200);
  expect((await call('/tickets', { json: { title: 'New' } })).status).toBe(201);
  await release();
  expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
});

/** Others are served while `answers` wait for what somebody holds in the database. */
async function expectOthersServed(): Promise<void> {
  await expect.poll(isWaiting).toBe(true);
  expect((await call('/tickets?q=other')).status).toBe(200);
  expect((await call('/tickets', { json: { title: 'New' } })).status).toBe(201);
}

test('while many change one password everybody else is served', async () => {
  const { id, token } = await makePerson(call, 'changing', 'agent');
  const { release } = await held('users', 'id', [id]);
  // As many as may be on their way for one account, and more than there are connections for writes.
  const answers = times(10, () =>
    call('/me/password', { json: { current: PASSWORD, new: 'a password of many words' }, token }),
  );
  await expectOthersServed();
  await release();
  const statuses = (await answers).map(({ status }) => status);
  expect(statuses.filter((status) => status === 204)).toHaveLength(1);
  expect(statuses.filter((status) => status === 422)).toHaveLength(9);
});

test.each(['unlock', 'password-reset'])(
  'while many call %s for one account everybody else is served',
  async (act) => {
    const { id } = await makePerson(call, `subject-of-${act}`, 'agent');
    const { release } = await held('users', 'id', [id]);
    const answers = times(40, () => call(`/users/${id}/${act}`, { method: 'POST' }));
    await expectOthersServed();
    await release();
    for (const { status } of await answers) expect([201, 204]).toContain(status);
  },
);

test('while many try to log in to one account everybody else is served', async () => {
  const key = createHash('sha256').update('account:guessed@example.com').digest().readBigInt64BE();
  const holder = await database.db.transaction();
  onTestFinished(async () => void (await holder.rollback()));
  await holder.raw('select pg_advisory_xact_lock(?::bigint)', [key.toString()]);
  const json = { email: 'guessed@example.com', password: 'not the password' };
  const answers = times(40, () => call('/sessions', { json, headers: { authorization: '' } }));
  await expectOthersServed();
  await holder.rollback();
  const statuses = (await answers).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30);
});
