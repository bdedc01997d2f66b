import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Context, systemClock, utc } from '../core/index.ts';
import { testContext, testDatabase } from '../testing/index.ts';
import { create, edit, TicketRow } from '../tickets/index.ts';
import { list } from './index.ts';
import { ListTickets, type TicketPage } from './schema.ts';
import { MAX_CLOCK_SKEW_MS } from './watermark.ts';

const BEGINNING = '2000-01-01T00:00:00.000Z';

/** The last version of each ticket that somebody saw. */
class Follower {
  readonly seen = new Map<number, number>();
  readonly #next: (page: TicketPage) => string | undefined;
  #from = BEGINNING;

  /** @param next what the next walk asks for as `updatedAfter`, from the last page of this one */
  constructor(next: (page: TicketPage) => string | undefined) {
    this.#next = next;
  }

  async walk(ctx: Context): Promise<void> {
    let cursor: string | undefined;
    let from: string | undefined;
    do {
      const page = await list(
        ctx,
        ListTickets.parse({ sort: 'updatedAt', updatedAfter: this.#from, limit: 7, cursor }),
      );
      for (const { id, version } of page.items) this.seen.set(id, Math.max(version, this.seen.get(id) ?? 0));
      cursor = page.nextCursor ?? undefined;
      from = this.#next(page) ?? from;
    } while (cursor);
    this.#from = from ?? this.#from;
  }
}

/** All writers here have the database's clock, so what the watermark leaves for others is taken off again. */
const byWatermark = () =>
  new Follower(({ watermark }) => utc(new Date(Date.parse(String(watermark)) + MAX_CLOCK_SKEW_MS)));
const byLastSeen = () => new Follower(({ items }) => items.at(-1)?.updatedAt);

async function versionsIn(ctx: Context): Promise<Map<number, number>> {
  const rows = await TicketRow.query(ctx.db).select('id', 'version');
  return new Map(rows.map(({ id, version }) => [id, version]));
}

const WRITERS = 8;
const EACH = 40;

/** Opens and edits tickets, each time in a transaction that stays open for as long as chance wants. */
async function write(ctx: Context): Promise<void> {
  const mine: number[] = [];
  for (let n = 0; n < EACH; n += 1)
    await ctx.transaction(async (inner) => {
      await pause(Math.random() * 10);
      const known = mine[Math.floor(Math.random() * mine.length * 2)];
      if (known === undefined) mine.push((await create(inner, { title: 't' })).id);
      else await edit(inner, { id: known, title: `t ${n}` });
      await pause(Math.random() * 60);
    });
}

test('who follows by the watermark sees the last version of every ticket, and by the last one seen does not', async () => {
  const { db } = await testDatabase({ poolSize: WRITERS + 6 });
  const ctx = testContext(db, { clock: systemClock });
  const [safe, plain] = [byWatermark(), byLastSeen()];
  const writing = { on: true };
  const follow = async (follower: Follower): Promise<void> => {
    while (writing.on) await follower.walk(ctx);
    await follower.walk(ctx);
  };
  const following = [follow(safe), follow(plain)];
  await Promise.all(Array.from({ length: WRITERS }, () => write(ctx)));
  writing.on = false;
  await Promise.all(following);
  const versions = await versionsIn(ctx);
  const missed = ({ seen }: Follower) => [...versions].filter(([id, version]) => seen.get(id) !== version);
  expect(missed(safe)).toEqual([]);
  expect(missed(plain).length).toBeGreaterThan(0);
}, 60_000);

test('a change that is not committed yet lies behind no watermark, also where others came after it', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db, { clock: systemClock });
  const gate = Promise.withResolvers<void>();
  const written = Promise.withResolvers<string>();
  const slow = ctx.transaction(async (inner) => {
    written.resolve((await create(inner, { title: 'slow' })).updatedAt);
    await gate.promise;
  });
  const at = await written.promise;
  await create(ctx, { title: 'quick' });
  const page = await list(ctx, ListTickets.parse({ sort: 'updatedAt' }));
  expect(page.items.map(({ title }) => title)).toEqual(['quick']);
  gate.resolve();
  await slow;
  const strict = utc(new Date(Date.parse(String(page.watermark)) + MAX_CLOCK_SKEW_MS));
  expect(strict <= at).toBe(true);
  const next = await list(ctx, ListTickets.parse({ sort: 'updatedAt', updatedAfter: strict }));
  expect(next.items.map(({ title }) => title)).toEqual(['slow', 'quick']);
});

test('it is told of lists by time of change alone, and all pages of a walk tell that of the first', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db, { clock: systemClock });
  for (let n = 0; n < 3; n += 1) await create(ctx, { title: 't' });
  const told = async (input: object) => (await list(ctx, ListTickets.parse(input))).watermark;
  expect(await told({})).toBeUndefined();
  expect(await told({ sort: 'priority', q: 't' })).toBeUndefined();
  expect(await told({ sort: 'updatedAt', offset: 1 })).toBeUndefined();
  expect(await told({ sort: '-updatedAt' })).toBeDefined();
  expect(await told({ updatedAfter: BEGINNING })).toBeDefined();
  const first = await list(ctx, ListTickets.parse({ sort: 'updatedAt', limit: 1 }));
  const second = await list(
    ctx,
    ListTickets.parse({ sort: 'updatedAt', limit: 1, cursor: first.nextCursor }),
  );
  expect(second.watermark).toBe(first.watermark);
});
