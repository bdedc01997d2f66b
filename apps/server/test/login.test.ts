import { Writable } from 'node:stream';
import { access } from '@tocsin/domain';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { makePerson, PASSWORD } from './people.ts';
import { type RunningApp, runApp, runAppOfTest } from './running-app.ts';

const shared = await runApp();
const minutes = (count: number) => count * 60_000;
type Login = [email: string, password: string, headers?: Record<string, string>];
const logIn = ({ call }: RunningApp, ...[email, password, headers = {}]: Login) =>
  call('/sessions', { json: { email, password }, token: null, headers });

test('whoever logs in gets a token of their own, which ends with the session', async () => {
  const app = await runAppOfTest();
  const { call } = app;
  const ann = await makePerson(call, 'ann', 'agent');
  const { status, body } = await logIn(app, 'ANN@example.com', PASSWORD);
  expect(status).toBe(201);
  expect(body).toMatchObject({
    token: expect.stringMatching(/^toc_[\w-]{43}$/),
    user: { id: ann.id, role: 'agent' },
  });
  const me = await call('/me', { token: body.token });
  expect(me.body).toMatchObject({
    user: { id: ann.id, email: 'ann@example.com' },
    role: 'agent',
    teams: [],
    scopes: null,
  });
  expect(me.body.permissions).toContainEqual(
    expect.objectContaining({ action: 'create', subject: 'Ticket' }),
  );
  const other = (await logIn(app, ann.email, PASSWORD)).body.token;
  expect((await call('/sessions/current', { method: 'DELETE', token: body.token })).status).toBe(204);
  await expect.poll(async () => (await call('/me', { token: body.token })).status).toBe(401);
  expect((await call('/me', { token: other })).status).toBe(200);
  app.clock.advance(7 * 24 * 3_600_000);
  expect((await call('/me', { token: other })).status).toBe(401);
});

test('refusing says the same, and asks the database the same, whoever was asked for', async () => {
  const app = await runAppOfTest();
  const { call, database } = app;
  const ann = await makePerson(call, 'ann', 'agent');
  const off = await makePerson(call, 'off', 'agent');
  await call(`/users/${off.id}`, { method: 'PATCH', json: { active: false } });
  await call('/users', { json: { email: 'none@example.com', name: 'x', role: 'agent' } });
  await call('/users', { json: { email: 'robot@example.com', name: 'x', role: 'agent', kind: 'service' } });
  await logIn(app, 'first@example.com', 'x');
  const tries: [email: string, password: string][] = [
    [ann.email, 'not the password'],
    ['nobody@example.com', PASSWORD],
    ['none@example.com', PASSWORD],
    ['robot@example.com', PASSWORD],
    ['not an address\0\ud800', PASSWORD],
    [off.email, 'not the password'],
  ];
  const statements: string[] = [];
  database.db.on('query', ({ sql }) => {
    // When a token was last used is written later, for calls that came before.
    if (!sql.startsWith('update tokens set last_used_at')) statements.push(sql);
  });
  const seen = new Set<string>();
  for (const [email, password] of tries) {
    statements.length = 0;
    const { status, text } = await logIn(app, email, password, { 'x-request-id': 'same' });
    seen.add(JSON.stringify([status, text, statements]));
  }
  expect([...seen]).toHaveLength(1);
  expect([...seen][0]).toContain('session.refused');
  // Whoever is not active is refused also with the right password.
  expect((await logIn(app, off.email, PASSWORD)).body.code).toBe('session.refused');
});

test('of twenty wrong passwords at once ten are looked at; then the right one waits, too, until the window has passed', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  for (const email of [ann.email, 'nobody@example.com']) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => logIn(app, n % 2 ? email : email.toUpperCase(), 'wrong')),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array(10).fill(401),
      ...Array(10).fill(429),
    ]);
    const limited = answers.find(({ status }) => status === 429)!;
    expect(limited.body.code).toBe('session.too_many_attempts');
    expect(limited.headers.get('retry-after')).toBe('900');
    expect(limited.headers.get('ratelimit-limit')).toBe('10');
    expect(limited.headers.get('ratelimit-remaining')).toBe('0');
  }
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(429);
  app.clock.advance(minutes(15) - 1);
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(429);
  app.clock.advance(1);
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(201);
});

test('a stranger on another network locks nobody out, and many only slow an account down', async () => {
  const app = await runAppOfTest({ trustedProxies: ['127.0.0.0/8'] });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const ann = await makePerson(app.call, 'ann', 'agent');
  expect((await logIn(app, ann.email, PASSWORD, from('198.51.100.1'))).status).toBe(201);
  for (const email of [ann.email, 'nobody@example.com']) {
    for (let n = 0; n < 20; n += 1)
      expect((await logIn(app, email, 'wrong', from(`203.0.113.${n}`))).status).toBe(401);
    const slowed = await logIn(app, email, 'wrong', from('203.0.113.99'));
    expect([slowed.status, slowed.headers.get('retry-after')]).toEqual([429, '1']);
  }
  expect((await logIn(app, ann.email, PASSWORD, from('198.51.100.2'))).status).toBe(429);
  expect((await logIn(app, ann.email, PASSWORD, from('198.51.100.1'))).status).toBe(201);
  expect((await logIn(app, ann.email, 'wrong', from('198.51.100.1'))).status).toBe(429);
  app.clock.advance(1000);
  expect((await logIn(app, ann.email, PASSWORD, from('198.51.100.2'))).status).toBe(201);
});

test('fifty failures from a network leave those who logged in there before alone', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  const bob = { email: 'bob@example.com', name: 'bob', role: 'agent', password: PASSWORD };
  expect((await app.call('/users', { json: bob })).status).toBe(201);
  for (let n = 0; n < 50; n += 1) await logIn(app, `user${n}@example.com`, 'wrong');
  const told = async (email: string, password: string) => {
    const { status, body } = await logIn(app, email, password, { 'x-request-id': 'same' });
    return [status, body.detail];
  };
  const limited = [429, expect.stringContaining('At most 50 tries from one network')];
  expect(await told(bob.email, PASSWORD)).toEqual(limited);
  // What is wrong is answered alike, so that nobody learns who logged in from here.
  expect(await told(ann.email, 'wrong')).toEqual(limited);
  expect(await told('nobody@example.com', 'wrong')).toEqual(limited);
  expect((await told(ann.email, PASSWORD))[0]).toBe(201);
});

test('a login from before networks were remembered lets its account past fifty failures from there', async () => {
  const app = await runAppOfTest({ trustedProxies: ['127.0.0.0/8'] });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const [office, cafe] = [from('2001:db8:0:1::7'), from('203.0.113.7')];
  const ann = await makePerson(app.call, 'ann', 'agent');
  const bob = await makePerson(app.call, 'bob', 'agent');
  expect((await logIn(app, ann.email, PASSWORD, office)).status).toBe(201);
  expect((await logIn(app, bob.email, PASSWORD, cafe)).status).toBe(201);
  // As the migration left it, which knows of nobody.
  await app.database.db.raw('delete from login_networks');
  const sameOffice = from('2001:db8:0:1::99');
  for (let n = 0; n < 50; n += 1) await logIn(app, `user${n}@example.com`, 'wrong', sameOffice);
  expect((await logIn(app, bob.email, PASSWORD, sameOffice)).status).toBe(429);
  expect((await logIn(app, 'no\0body', PASSWORD, sameOffice)).status).toBe(429);
  expect((await logIn(app, ann.email, 'wrong', sameOffice)).status).toBe(429);
  expect((await logIn(app, ann.email.toUpperCase(), PASSWORD, sameOffice)).status).toBe(201);
  app.clock.advance(minutes(60 * 24 * 91));
  await app.database.db.raw('delete from login_networks');
  for (let n = 0; n < 50; n += 1) await logIn(app, `user${n}@example.com`, 'wrong', sameOffice);
  expect((await logIn(app, ann.email, PASSWORD, sameOffice)).status).toBe(429);
});

test('a redeemed reset clears what was counted for its account', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  for (let n = 0; n < 10; n += 1) await logIn(app, ann.email, 'wrong');
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(429);
  const token = (await app.call(`/users/${ann.id}/password-reset`, { method: 'POST' })).body.token;
  const json = { token, password: 'a new long password' };
  expect((await app.call('/password-resets/redeem', { json, token: null })).status).toBe(204);
  expect((await logIn(app, ann.email, json.password)).status).toBe(201);
});

test('an administrator unlocks an account, and the audit tells', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  for (let n = 0; n < 10; n += 1) await logIn(app, ann.email, 'wrong');
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(429);
  expect((await app.call(`/users/${ann.id}/unlock`, { method: 'POST' })).status).toBe(204);
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(201);
  const { body } = await app.call('/audit?action=user.unlocked');
  expect(body.items.map(({ subject }: { subject: { id: string } }) => subject.id)).toEqual([ann.id]);
});

test('a clock that is set back lengthens no limit beyond one window', async () => {
  const app = await runAppOfTest();
  for (let n = 0; n < 10; n += 1) await logIn(app, 'ann@example.com', 'wrong');
  app.clock.advance(-minutes(60 * 24));
  const limited = await logIn(app, 'ann@example.com', 'wrong');
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '900']);
  app.clock.advance(minutes(15));
  expect((await logIn(app, 'ann@example.com', 'wrong')).status).toBe(401);
});

test('what began before a clock was set back ends as if it had begun now', async () => {
  const app = await runAppOfTest();
  const { call, clock, database } = app;
  const ann = await makePerson(call, 'ann', 'agent');
  clock.advance(minutes(60 * 24 * 365));
  const { token } = (await logIn(app, ann.email, PASSWORD)).body;
  const reset = (await call(`/users/${ann.id}/password-reset`, { method: 'POST' })).body.token;
  await database.db.raw(`update login_networks set at = ?`, [clock.now().toISOString()]);
  clock.advance(-minutes(60 * 24 * 365));
  await access.boundLifetimes(database.db, clock.now());
  const known = await database.db('login_networks').select('at');
  expect(known.map(({ at }: { at: string }) => Date.parse(at))).toEqual([clock.now().getTime()]);
  expect((await call('/me', { token })).status).toBe(200);
  const redeem = () =>
    call('/password-resets/redeem', { json: { token: reset, password: 'a new long password' }, token: null });
  clock.advance(minutes(60 * 24));
  expect((await redeem()).body.code).toBe('password_reset.invalid');
  clock.advance(minutes(60 * 24 * 6));
  await expect.poll(async () => (await call('/me', { token })).status).toBe(401);
});

test('a session that guesses the present password locks no other session out, nor a login', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  const [thief, own] = [
    (await logIn(app, ann.email, PASSWORD)).body.token,
    (await logIn(app, ann.email, PASSWORD)).body.token,
  ];
  const change = (current: string, token: string) =>
    app.call('/me/password', { json: { current, new: 'another four words' }, token });
  for (let n = 0; n < 10; n += 1) expect((await change('wrong', thief)).status).toBe(422);
  expect((await change('wrong', thief)).status).toBe(429);
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(201);
  expect((await change(PASSWORD, own)).status).toBe(204);
});

test('logging in successfully uses no try up', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  for (let n = 0; n < 9; n += 1) expect((await logIn(app, ann.email, 'wrong')).status).toBe(401);
  for (let n = 0; n < 12; n += 1) expect((await logIn(app, ann.email, PASSWORD)).status).toBe(201);
  expect((await logIn(app, ann.email, 'wrong')).status).toBe(401);
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(429);
});

test('from one address fifty tries may fail, whatever X-Forwarded-For claims', async () => {
  const app = await runAppOfTest();
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      logIn(app, `user${n}@example.com`, 'wrong', { 'x-forwarded-for': `192.0.2.${n}` }),
    ),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(50);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
  const { items } = (await app.call('/audit?action=session.failed&limit=1')).body;
  expect(items[0]).toMatchObject({ address: '127.0.0.1', actor: null, subject: null });
});

test('a proxy that is trusted tells the address; what stands before it in the header does not', async () => {
  const app = await runAppOfTest({ trustedProxies: ['127.0.0.0/8'] });
  await logIn(app, 'nobody@example.com', 'wrong', { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' });
  const { items } = (await app.call('/audit?action=session.failed')).body;
  expect(items[0].address).toBe('203.0.113.9');
});

test('what a trusted proxy tells that is no address counts as the proxy', async () => {
  const app = await runAppOfTest({ trustedProxies: ['127.0.0.0/8'] });
  for (const told of ['x'.repeat(200), '203.0.113.9:4711'])
    expect((await logIn(app, 'nobody@example.com', 'wrong', { 'x-forwarded-for': told })).status).toBe(401);
  const { items } = (await app.call('/audit?action=session.failed')).body;
  expect(items.map(({ address }: { address: string }) => address)).toEqual(['127.0.0.1', '127.0.0.1']);
});

test.each([
  ['short', 'elevenchars'],
  ['the email', 'ANN@EXAMPLE.COM'],
  ['common', 'qwerty123456'],
  ['common in capitals', 'Motherfucker'],
  ['with NUL', 'four words\0nobody guesses'],
  ['long without end', 'x'.repeat(1001)],
  ['one letter that stands for a sentence', '\ufdfa'],
])('a password that is %s will not do', async (_what, password) => {
  const { call } = shared;
  const { status, body } = await call('/users', {
    json: { email: 'ann@example.com', name: 'Ann', role: 'agent', password },
  });
  expect([status, body.errors[0].pointer]).toEqual([422, '/password']);
  expect((await call('/users?name=Ann')).body.items).toEqual([]);
});

test('twelve letters of any script will do, and are the same however they are composed', async () => {
  const app = shared;
  const password = 'ｐａｓｓ\u00fcñ😀日本語字x'; // 13 code points
  const { status } = await app.call('/users', {
    json: { email: 'uni@example.com', name: 'Uni', role: 'agent', password },
  });
  expect(status).toBe(201);
  expect((await logIn(app, 'uni@example.com', password.normalize('NFKD'))).status).toBe(201);
});

test('changing the password wants the present one, and ends every other session', async () => {
  const app = await runAppOfTest();
  const { call } = app;
  const ann = await makePerson(call, 'ann', 'agent');
  const [here, there] = [
    (await logIn(app, ann.email, PASSWORD)).body.token,
    (await logIn(app, ann.email, PASSWORD)).body.token,
  ];
  const change = (json: object, token = here) => call('/me/password', { json, token });
  const next = 'another four words';
  expect((await change({ current: 'wrong', new: next })).body).toMatchObject({
    status: 422,
    code: 'password.wrong',
    errors: [{ pointer: '/current' }],
  });
  expect((await change({ current: PASSWORD, new: 'short' })).body).toMatchObject({
    code: 'password.weak',
    errors: [{ pointer: '/new' }],
  });
  expect((await change({ current: PASSWORD, new: next })).status).toBe(204);
  await expect.poll(async () => (await call('/me', { token: there })).status).toBe(401);
  expect((await call('/me', { token: here })).status).toBe(200);
  expect((await call('/me', { token: ann.token })).status).toBe(200);
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(401);
  expect((await logIn(app, ann.email, next)).status).toBe(201);
  const guesses = await Promise.all(
    Array.from({ length: 12 }, () => change({ current: 'guess', new: next })),
  );
  expect(guesses.some(({ status }) => status === 429)).toBe(true);
});

test('a reset is redeemed once, by one of two at once, within a day; a newer one takes its place', async () => {
  const app = await runAppOfTest();
  const { call } = app;
  const ann = await makePerson(call, 'ann', 'agent');
  const session = (await logIn(app, ann.email, PASSWORD)).body.token;
  const make = async () =>
    (await call(`/users/${ann.id}/password-reset`, { method: 'POST' })).body.token as string;
  const redeem = (token: string, password: string) =>
    call('/password-resets/redeem', { json: { token, password }, token: null });
  const old = await make();
  const token = await make();
  expect((await redeem(old, 'a new long password')).body).toMatchObject({
    status: 422,
    code: 'password_reset.invalid',
  });
  expect((await redeem(token, 'short')).body.code).toBe('password.weak');
  const both = await Promise.all([redeem(token, 'first new password'), redeem(token, 'second new password')]);
  expect(both.map(({ status }) => status).sort()).toEqual([204, 422]);
  expect((await redeem(token, 'third new password')).status).toBe(422);
  await expect.poll(async () => (await call('/me', { token: session })).status).toBe(401);
  expect((await logIn(app, ann.email, PASSWORD)).status).toBe(401);
  const winner = both[0]!.status === 204 ? 'first new password' : 'second new password';
  expect((await logIn(app, ann.email, winner)).status).toBe(201);

  const late = await make();
  app.clock.advance(24 * 3_600_000);
  expect((await redeem(late, 'a new long password')).status).toBe(422);
  const off = await make();
  await call(`/users/${ann.id}`, { method: 'PATCH', json: { active: false } });
  expect((await redeem(off, 'a new long password')).status).toBe(422);
  expect((await call(`/users/${ann.id}/password-reset`, { method: 'POST' })).body.code).toBe(
    'user.cannot_log_in',
  );
});

test('a change of the password never overwrites a reset that was redeemed in the meantime', async () => {
  const app = await runAppOfTest();
  const { call } = app;
  for (const name of ['ann', 'bob', 'eve', 'joe']) {
    const { id, email } = await makePerson(call, name, 'agent');
    const session = (await logIn(app, email, PASSWORD)).body.token;
    const reset = (await call(`/users/${id}/password-reset`, { method: 'POST' })).body.token;
    const [changed, redeemed] = await Promise.all([
      call('/me/password', { json: { current: PASSWORD, new: 'changed by old one' }, token: session }),
      call('/password-resets/redeem', { json: { token: reset, password: 'set by the reset' }, token: null }),
    ]);
    expect([changed.status, redeemed.status].filter((status) => status === 204)).toHaveLength(1);
    const winner = redeemed.status === 204 ? 'set by the reset' : 'changed by old one';
    expect((await logIn(app, email, winner)).status).toBe(201);
  }
});

test('no password and no token is in any log line, any error or the database', async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const app = await runAppOfTest({ log: pino({ level: 'trace' }, sink) });
  const { call, trpc, database } = app;
  const canary = 'canary-7Q2x-password';
  const json = { email: 'ann@example.com', name: 'Ann', role: 'agent', password: canary };
  const ann = (await call('/users', { json })).body;
  const session = (await logIn(app, ann.email, canary)).body.token;
  const { token } = (await call('/tokens', { json: { name: 'x' }, token: session })).body;
  const reset = (await call(`/users/${ann.id}/password-reset`, { method: 'POST' })).body.token;
  const answers = [
    await call('/users', { json }),
    await call('/users', { json: { ...json, email: 'b@example.com', password: `${canary}\0` } }),
    await logIn(app, canary, canary),
    await logIn(app, ann.email, `${canary} wrong`),
    await trpc('sessions.start', { email: ann.email, password: [canary] }, { type: 'mutation', token: null }),
    await call('/sessions', {
      raw: `{"password":"${canary}`,
      headers: { 'content-type': 'application/json' },
    }),
    await call('/me/password', { json: { current: canary, new: canary }, token: `${token}x` }),
    await call('/me/password', { json: { current: `${canary}!`, new: `${canary} new` }, token: session }),
    await call('/password-resets/redeem', { json: { token: `${reset}x`, password: canary }, token: null }),
    await call('/password-resets/redeem', { json: { token: reset, password: canary }, token: null }),
    await call(`/tokens/${token}`, { method: 'DELETE' }),
    await call('/audit'),
    await call('/tokens'),
  ];
  await database.db.raw('alter table passwords rename column hash to broken');
  answers.push(
    await logIn(app, ann.email, canary),
    await call('/users', { json: { ...json, email: 'c@example.com' } }),
  );
  expect(answers.slice(-2).map(({ status }) => status)).toEqual([401, 503]);
  const { rows: tables } = await database.db.raw(
    `select tablename from pg_tables where schemaname = 'public'`,
  );
  const dump: string[] = [];
  for (const { tablename } of tables) {
    const { rows } = await database.db.raw('select t::text as row from ?? as t', [tablename]);
    dump.push(...rows.map(({ row }: { row: string }) => row));
  }
  expect(dump.join()).toContain('ann@example.com');
  const secrets = [canary, session, token, reset];
  for (const place of [lines.join(''), answers.map(({ text }) => text).join(''), dump.join('\n')])
    for (const secret of secrets) expect(place).not.toContain(secret);
});
