import { expect, test } from 'vitest';
import { makePerson } from './people.ts';
import { runApp } from './running-app.ts';

const { call, trpc } = await runApp();
const MiB = 1024 * 1024;
const FIRE = '\u{1f525}';
const long = FIRE.repeat(100_000);
/** In JSON each of these takes six bytes. */
const control = '\u0001'.repeat(100_000);

const descriptions = [long, control, null, '', 'x'.repeat(1_000), 'é'.repeat(1_000), FIRE.repeat(1_000)];
const open = async (description: string | null, more = {}): Promise<number> =>
  (await call('/tickets', { json: { title: 'Long', description, ...more } })).body.id;
const ids: number[] = [];
for (const description of [
  ...descriptions,
  FIRE.repeat(1_001),
  ...Array(20).fill(long),
  ...Array(5).fill(control),
])
  ids.push(await open(description));

interface Page {
  items: { id: number; description?: string | null; descriptionTruncated?: true; seq: number }[];
  nextCursor: string | null;
}

/** Every page of a list, by its cursors. */
async function pagesOf(path: string): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | null = ''; cursor !== null; cursor = pages.at(-1)!.nextCursor) {
    const answer = await call(`${path}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(answer.status).toBe(200);
    expect(Buffer.byteLength(answer.text)).toBeLessThan(MiB + 1_000);
    pages.push(answer.body);
  }
  return pages;
}

test('a list has the beginnings of descriptions, in whole characters, and says where they go on', async () => {
  const { items } = (await call('/tickets?limit=100')).body as Page;
  expect(items).toHaveLength(ids.length);
  const byId = new Map(items.map((item) => [item.id, item]));
  for (const [at, description] of descriptions.entries()) {
    const item = byId.get(ids[at]!)!;
    expect(item.description).toBe(description === null ? null : [...description].slice(0, 1_000).join(''));
    expect(item.descriptionTruncated).toBe(at < 2 ? true : undefined);
  }
  expect(byId.get(ids[descriptions.length]!)).toMatchObject({ descriptionTruncated: true });
  expect((await call(`/tickets/${ids[0]}`)).body.description).toBe(long);
});

test.each(['', '&q=long', '&sort=updatedAt', '&status=open&sort=-priority'])(
  'whole descriptions are asked for by name, and pages are bounded by bytes (%s)',
  async (filter) => {
    const pages = await pagesOf(`/tickets?limit=100&fields=description,title${filter}`);
    expect(pages.length).toBeGreaterThan(10);
    const items = pages.flatMap((page) => page.items);
    expect(items).toHaveLength(ids.length);
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    expect(items.find(({ id }) => id === ids[0])).toEqual({ id: ids[0], title: 'Long', description: long });
  },
);

test('with offset a shorter page is followed by its offset and the number of its items', async () => {
  const seen: number[] = [];
  for (;;) {
    const { items } = (await call(`/tickets?fields=description&limit=100&offset=${seen.length}`))
      .body as Page;
    if (items.length === 0) break;
    seen.push(...items.map(({ id }) => id));
  }
  expect(seen).toEqual(ids.toReversed());
});

test('fields are chosen by their names, and others are refused', async () => {
  const { items } = (await call('/tickets?limit=1&fields=title,key')).body;
  expect(Object.keys(items[0]).sort()).toEqual(['id', 'key', 'title']);
  expect(Object.keys((await trpc('tickets.list', { fields: ['id'] })).body.result.data.items[0])).toEqual([
    'id',
  ]);
  for (const fields of ['nothing', '', 'title,descriptionTruncated', '__proto__'])
    expect((await call(`/tickets?fields=${fields}`)).status).toBe(422);
  // A cursor goes on with other fields.
  const first = (await call('/tickets?limit=2&fields=id')).body as Page;
  expect((await call(`/tickets?limit=2&cursor=${first.nextCursor}`)).status).toBe(200);
});

test('the lists of a batch are bounded together, and each says where it goes on', async () => {
  const input = (one: object) =>
    encodeURIComponent(JSON.stringify(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [n, one]))));
  const batch = (name: string, one: object) =>
    call(`/trpc/${Array(20).fill(name).join(',')}?batch=1&input=${input(one)}`);
  const excerpts = await batch('tickets.list', { limit: 100 });
  expect(Buffer.byteLength(excerpts.text)).toBeLessThan(8 * MiB + 100_000);
  const whole = await batch('tickets.list', { limit: 100, fields: ['description'] });
  expect(Buffer.byteLength(whole.text)).toBeLessThan(20 * 0.7 * MiB);
  for (const { result } of whole.body) {
    expect(result.data.items.length).toBeGreaterThan(0);
    expect(result.data.nextCursor).not.toBeNull();
  }
});

test('lists by name share the bytes of a batch as well, and hold everything', async () => {
  const query = `"x${'\u0001'.repeat(990)}"`;
  for (let n = 0; n < 100; n += 1)
    expect((await call('/views', { json: { name: `${n} ${FIRE.repeat(90)}`, query } })).status).toBe(201);
  const input = encodeURIComponent(JSON.stringify({ ...Array(20).fill({ limit: 100 }) }));
  const { text, body } = await call(`/trpc/${Array(20).fill('views.list').join(',')}?batch=1&input=${input}`);
  expect(Buffer.byteLength(text)).toBeLessThan(8 * MiB + 100_000);
  const [{ result }] = body;
  expect(result.data.items.length).toBeLessThan(100);
  const rest = await call(`/views?limit=100&cursor=${result.data.nextCursor}`);
  const names = [...result.data.items, ...rest.body.items].map(({ name }: { name: string }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.includes(FIRE))).toHaveLength(100);
});

test('pages of events are bounded by bytes, and hold every event', async () => {
  const id = await open('first');
  for (const description of [long, control, 'short', 'x'.repeat(100_000), long, null, 'last'])
    expect((await call(`/tickets/${id}`, { method: 'PATCH', json: { description } })).status).toBe(200);
  const events: number[] = [];
  let bytes = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body, text } = await call(`/tickets/${id}/events?limit=100${cursor && `&cursor=${cursor}`}`);
    bytes = Math.max(bytes, Buffer.byteLength(text));
    events.push(...(body as Page).items.map(({ seq }) => seq));
    cursor = body.nextCursor;
  }
  expect(events).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  // One event with a description of control characters before and another after it is the largest there can be.
  expect(bytes).toBeLessThan(1.3 * MiB);
  const { items } = (await call(`/tickets/${id}/events?offset=6`)).body as Page;
  expect(items.map(({ seq }) => seq)).toEqual([7, 8]);
});

test('who is deactivated leaves a list of tickets with the beginnings of their descriptions', async () => {
  const agent = await makePerson(call, 'leaving', 'agent');
  await open(long, { assigneeId: agent.id });
  const { body } = await call(`/users/${agent.id}`, { method: 'PATCH', json: { active: false } });
  const [left] = body.openTickets;
  expect([[...left.description].length, left.descriptionTruncated]).toEqual([1_000, true]);
});

test('lists in a batch of any size are answered, though its bytes do not divide evenly', async () => {
  const paged = ['tickets.list', 'tickets.history', 'audit.list', 'users.list', 'teams.list', 'views.list'];
  for (let size = 1; size <= 20; size += 1) {
    const names = Array.from({ length: size }, (_, n) => paged[(n + size) % paged.length]);
    const inputs = names.map((name) => (name === 'tickets.history' ? { id: ids[0] } : {}));
    const input = encodeURIComponent(JSON.stringify({ ...inputs }));
    const { status, body } = await call(`/trpc/${names.join(',')}?batch=1&input=${input}`);
    expect([size, status]).toEqual([size, 200]);
    expect(body.filter((answer: { error?: object }) => answer.error)).toEqual([]);
  }
});
