import type { Knex } from 'knex';

/** A statement as it was sent, with its values. */
export interface Sent {
  readonly sql: string;
  readonly bindings: readonly unknown[];
  /** What was set for the transaction that it was sent in. */
  readonly settings: string;
  /** Whether it is planned once a connection; after some times, perhaps, without a look at its values. */
  readonly isPrepared: boolean;
}

/** As Knex tells of it. */
interface Told {
  readonly sql: string;
  readonly bindings?: readonly unknown[];
  readonly options?: { readonly prepared?: boolean };
}

/** Everything that is asked of a database while something is done. */
export async function statementsOf(db: Knex, work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  let settings = '';
  const note = ({ sql, bindings = [], options }: Told): void => {
    if (/^(begin|commit|rollback)/i.test(sql)) settings = '';
    if (/^set local/i.test(sql)) settings = sql;
    sent.push({ sql, bindings, settings, isPrepared: options?.prepared === true });
  };
  db.on('query', note);
  try {
    await work();
  } finally {
    db.removeListener('query', note);
  }
  return sent.filter(({ sql }) => /^\s*(select|with)\b/i.test(sql));
}

/** A step of a plan that was carried out. */
interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Step[];
}

/** One way that a plan reads a table or an index. */
export interface Reading {
  /** What is read; of a bitmap of an index, the index. */
  readonly what: string;
  readonly how: string;
  /** How many rows it looked at, and how many pages of the table and the index. */
  readonly rows: number;
  readonly pages: number;
}

const pagesOf = (step: Step): number => step['Shared Hit Blocks'] + step['Shared Read Blocks'];

const readingsOf = (step: Step): Reading[] => {
  const parts = step.Plans ?? [];
  const below = parts.flatMap(readingsOf);
  const what = step['Relation Name'] ?? step['Index Name'];
  if (what === undefined) return below;
  const each =
    step['Actual Rows'] +
    (step['Rows Removed by Filter'] ?? 0) +
    (step['Rows Removed by Index Recheck'] ?? 0);
  const how = [step['Node Type'], step['Index Name']].filter(Boolean).join(' by ');
  const pages = pagesOf(step) - parts.reduce((sum, part) => sum + pagesOf(part), 0);
  return [{ what, how, rows: Math.round(each * step['Actual Loops']), pages }, ...below];
};

/** Carries a statement out again, and says what it looked at: planned for its values and, if it is prepared, for any. */
export async function readings(db: Knex, sent: Sent): Promise<Reading[]> {
  const { sql, bindings, settings } = sent;
  const explain = 'explain (analyze, buffers, timing off, format json)';
  return inTransaction(db, settings, async (query) => {
    const plans = [await query(`${explain} ${sql}`, [...bindings])];
    if (sent.isPrepared) {
      await query('set local plan_cache_mode = force_generic_plan');
      await query(`prepare looked_at as ${sql}`);
      const values = bindings.length > 0 ? `(${bindings.map(literal).join(', ')})` : '';
      plans.push(await query(`${explain} execute looked_at ${values}`));
      await query('deallocate looked_at');
    }
    return plans.flatMap(({ rows }) => readingsOf((rows[0] as Explained)['QUERY PLAN'][0].Plan));
  });
}

interface Explained {
  readonly 'QUERY PLAN': [{ readonly Plan: Step }];
}
type Query = (sql: string, values?: unknown[]) => Promise<{ rows: object[] }>;

/** A value as it stands in SQL. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return literal(`{${value.map((one) => JSON.stringify(String(one))).join(',')}}`);
  return `'${String(value instanceof Date ? value.toISOString() : value).replaceAll("'", "''")}'`;
}

/** On one connection; whatever is done is undone. */
async function inTransaction<T>(db: Knex, settings: string, work: (query: Query) => Promise<T>): Promise<T> {
  const connection: { query: Query } = await db.client.acquireConnection();
  try {
    await connection.query(`begin; ${settings}`);
    return await work((sql, values) => connection.query(sql, values));
  } finally {
    await connection.query('rollback');
    await db.client.releaseConnection(connection);
  }
}
