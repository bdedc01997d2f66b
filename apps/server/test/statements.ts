import type { Knex } from 'knex';

/** A statement as it was sent, with its values. */
export interface Sent {
  readonly sql: string;
  readonly bindings: readonly unknown[];
  /** What was set for the transaction that it was sent in. */
  readonly settings: string;
}

/** Everything that is asked of a database while something is done. */
export async function statementsOf(db: Knex, work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  let settings = '';
  const note = ({ sql, bindings = [] }: Sent): void => {
    if (/^(begin|commit|rollback)/i.test(sql)) settings = '';
    if (/^set local/i.test(sql)) settings = sql;
    sent.push({ sql, bindings, settings });
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
  readonly Plans?: readonly Step[];
}

/** One way that a plan reads a table, and how many of its rows it looked at. */
export interface Reading {
  readonly table: string;
  readonly how: string;
  readonly rows: number;
}

const readingsOf = (step: Step): Reading[] => {
  const below = (step.Plans ?? []).flatMap(readingsOf);
  const table = step['Relation Name'];
  if (table === undefined) return below;
  const each =
    step['Actual Rows'] +
    (step['Rows Removed by Filter'] ?? 0) +
    (step['Rows Removed by Index Recheck'] ?? 0);
  const how = [step['Node Type'], step['Index Name']].filter(Boolean).join(' by ');
  return [{ table, how, rows: Math.round(each * step['Actual Loops']) }, ...below];
};

/** Carries a statement out again, and says which rows it looked at. */
export async function readings(db: Knex, { sql, bindings, settings }: Sent): Promise<Reading[]> {
  const { rows } = await db.client.acquireConnection().then(async (connection: QueryConnection) => {
    try {
      await connection.query(`begin; ${settings}`);
      return await connection.query(`explain (analyze, timing off, format json) ${sql}`, [...bindings]);
    } finally {
      await connection.query('rollback');
      await db.client.releaseConnection(connection);
    }
  });
  return readingsOf(rows[0]['QUERY PLAN'][0].Plan);
}

interface QueryConnection {
  query(sql: string, values?: unknown[]): Promise<{ rows: { 'QUERY PLAN': { Plan: Step }[] }[] }>;
}
