import { access, analytics, forgetOldKeys, grantServing, migrate, openDatabase } from '@tocsin/domain';
import { databaseOwnedBy, testRole, urlAs } from '@tocsin/domain/testing';
import type { Knex } from 'knex';
import { expect, onTestFinished, test } from 'vitest';
import { administratorOf, dataFolder, startProcess } from './running-process.ts';

function open(url: string): Knex {
  const db = openDatabase({ url, poolSize: 2 });
  onTestFinished(() => db.destroy());
  return db;
}

test('the whole life of a desk works by a role that owns nothing', async () => {
  const [owner, serving] = [await testRole('owner'), await testRole('serving')];
  const url = await databaseOwnedBy(owner);
  const servingUrl = urlAs(url, serving);
  const server = startProcess(dataFolder(), { DATABASE_URL: servingUrl, TOCSIN_RATE_LIMIT: '1000' });
  const call = administratorOf(await server.listening);
  // Another account has to make the schema; the server waits for that.
  expect((await call('/ready')).body.code).toBe('database.not_migrated');
  await migrate(url);
  await grantServing(open(url), serving);
  await expect.poll(async () => (await call('/ready')).status).toBe(200);
  // Between the migration and the grant the server may have told that it waits for the grant.
  const { length: started } = server.output();

  const done = async (path: string, options: Parameters<typeof call>[1] = {}, status = 200) => {
    const answer = await call(path, options);
    expect([path, answer.status, answer.status === status ? '' : answer.text]).toEqual([path, status, '']);
    return answer.body;
  };
  const person = { email: 'ann@example.com', name: 'Ann', role: 'agent', password: 'correct horse battery' };
  const ann = await done('/users', { json: person }, 201);
  await done(`/users/${ann.id}`, { method: 'PATCH', json: { name: 'Anne' } });
  const team = await done('/teams', { json: { name: 'Network' } }, 201);
  const member = `/teams/${team.id}/members/${ann.id}`;
  await call(member, { method: 'PUT' });
  const service = await done('/services', { json: { name: 'VPN', teamId: team.id } }, 201);
  const ticket = { title: 'VPN drops', serviceId: service.id, teamId: team.id, tags: ['vpn'] };
  const key = { 'idempotency-key': 'once' };
  const first = await done('/tickets', { json: ticket, headers: key }, 201);
  expect((await done('/tickets', { json: ticket, headers: key }, 201)).id).toBe(first.id);
  await done(`/tickets/${first.id}`, { method: 'PATCH', json: { assigneeId: ann.id, restricted: true } });
  const status = { status: 'resolved', resolution: { code: 'fixed' } };
  await done(`/tickets/${first.id}/status`, { method: 'PATCH', json: status });
  await done(`/tickets/${first.id}/events`);
  for (const path of [
    '/tickets?q=vpn',
    '/tickets/count',
    '/tickets/facets?by=status',
    '/views',
    '/audit',
    '/me',
  ])
    await done(path);
  await done('/analytics/tickets?from=2026-01-01&to=2026-12-31&by=team');
  const entry = {
    id: '0000045',
    position: 0,
    at: '2016-02-29T01:00:00Z',
    by: 'agent 1',
    ticket: { title: 'Old' },
  };
  const changed = { ...entry, position: 1, at: '2016-02-29T02:00:00Z', ticket: { status: 'in_progress' } };
  await done('/imports', { json: { system: 'servicenow', entries: [entry] } });
  await done('/imports', { json: { system: 'servicenow', entries: [entry, changed] } });
  const { password, email } = person;
  const { token } = await done('/sessions', { json: { email, password }, token: null }, 201);
  expect((await call('/sessions', { json: { email, password: 'wrong' }, token: null })).status).toBe(401);
  const made = await done('/tokens', { json: { name: 'monitor' }, token }, 201);
  await call(`/tokens/${made.id}`, { method: 'DELETE', token });
  await call('/sessions/current', { method: 'DELETE', token });
  const view = { name: 'Mine', query: 'is:unresolved', sharing: 'private' };
  const { id } = await done('/views', { json: view }, 201);
  await call(`/views/${id}`, { method: 'DELETE' });
  await call(member, { method: 'DELETE' });
  await done(`/users/${ann.id}`, { method: 'PATCH', json: { active: false } });
  await done('/metrics');

  const db = open(servingUrl);
  expect(await analytics.settle(db)).toBeGreaterThan(0);
  await forgetOldKeys(db, new Date('2999-01-01'));
  await access.forgetOldWindows(db);
  expect(server.output().slice(started)).not.toMatch(/permission denied|42501/);
});
