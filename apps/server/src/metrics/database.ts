import { setTimeout as pause } from 'node:timers/promises';
import { pingDatabase, tickets } from '@tocsin/domain';
import type { Knex } from 'knex';
import { Gauge, type Registry } from 'prom-client';

/** What is told of the database: its pool, whether it is there, and how many tickets it has. */
export function registerDatabaseMetrics(registry: Registry, db: Knex): void {
  registerPool(registry, db);
  const look = new Look(db);
  new Gauge({
    name: 'tocsin_database_up',
    help: '1 when the database answers, 0 when it is away; of several workers the worst off',
    registers: [registry],
    aggregator: 'min',
    async collect() {
      await look.again();
      this.set(look.up ? 1 : 0);
    },
  });
  new Gauge({
    name: 'tocsin_tickets',
    help: 'Tickets by status, counted every 15 seconds at most; left out when the database is away',
    labelNames: ['status'],
    registers: [registry],
    aggregator: 'first',
    async collect() {
      await look.again();
      this.reset();
      for (const [status, count] of Object.entries(look.counts)) this.set({ status }, count);
    },
  });
}

/** What Knex's pool says of itself (tarn). */
interface Pool {
  readonly max: number;
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

function registerPool(registry: Registry, db: Knex): void {
  const pool = (name: string, help: string, value: (pool: Pool) => number): void => {
    new Gauge({
      name: `tocsin_database_pool_${name}`,
      help,
      registers: [registry],
      collect() {
        // It is gone once the database has been let go of.
        const { pool } = db.client as { pool?: Pool };
        this.set(pool ? value(pool) : 0);
      },
    });
  };
  pool('used', 'Connections that work for somebody', (pool) => pool.numUsed());
  pool('free', 'Connections that are open and have nothing to do', (pool) => pool.numFree());
  pool('pending', 'Who waits for a connection', (pool) => pool.numPendingAcquires());
  pool('max', 'Connections at most', ({ max }) => max);
}

/** A scrape waits this long for the database at most; in milliseconds. */
const TIMEOUT_MS = 1_000;
/** Tickets are not counted again within this time; in milliseconds. */
const TTL_MS = 15_000;

/** One look at the database, however many scrapes ask for it at once. */
class Look {
  readonly #db: Knex;
  #looking: Promise<void> | null = null;
  #counted: Readonly<Record<string, number>> = {};
  #countedAt = Number.NEGATIVE_INFINITY;
  up = false;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Empty when it is not known. */
  get counts(): Readonly<Record<string, number>> {
    return this.up ? this.#counted : {};
  }

  /**
   * Looks again. Who finds the database slow goes on with what was known before: a pool that is in use does not say that
   * the database is away. Never rejects.
   */
  async again(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    await Promise.race([this.#looking, pause(TIMEOUT_MS, undefined, { ref: false })]);
  }

  async #look(): Promise<void> {
    try {
      await pingDatabase(this.#db);
      this.up = true;
    } catch {
      this.up = false;
      return;
    }
    if (performance.now() - this.#countedAt < TTL_MS) return;
    this.#countedAt = performance.now();
    this.#counted = await tickets.countByStatus(this.#db).catch(() => ({}));
  }
}
