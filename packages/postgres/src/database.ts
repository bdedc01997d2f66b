import { withClient } from './connection.ts';
import { errorCode } from './errors.ts';

/** Names that mean the same in SQL, in an address and in a shell; PostgreSQL would cut a longer one off. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;

/** PostgreSQL says either one when somebody else made the database at the same moment. */
const EXISTS = new Set<unknown>(['42P04', '23505']);

/** The address of the database `name`, which is created when missing. Any number of callers may ask at once. */
export async function ensureDatabase(cluster: { url: string }, name: string): Promise<string> {
  if (!NAME.test(name)) {
    throw new Error(
      `"${name}" cannot be a database name here: use letters, digits, _ and -, beginning with a letter, at most 63`,
    );
  }
  await withClient(cluster.url, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount) return;
    await client.query(`create database ${client.escapeIdentifier(name)}`).catch((error) => {
      if (!EXISTS.has(errorCode(error))) throw error;
    });
  });
  const url = new URL(cluster.url);
  url.pathname = `/${name}`;
  return url.href;
}
