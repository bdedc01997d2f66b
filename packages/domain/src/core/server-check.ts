import type { Knex } from 'knex';
import { databaseUnsupported } from './errors.ts';

/** The oldest PostgreSQL that has all that the schema uses, such as `nulls not distinct`. */
export const MIN_POSTGRESQL_MAJOR = 15;

/** What a PostgreSQL server says of itself and of the database, as far as a desk depends on it. */
export interface ServerFacts {
  /** `server_version_num`: 150018 is 15.18. */
  readonly version: number;
  readonly encoding: string;
  /** Whether the database knows that "Ä" is the capital of "ä". */
  readonly foldsLetters: boolean;
}

/** Reads the facts of the server and the database that `db` is connected to. */
export async function readServerFacts(db: Knex): Promise<ServerFacts> {
  // As bytes: other encodings refuse the letters themselves. The result of convert_from has the collation of a name.
  const { rows } = await db.raw(
    `select current_setting('server_version_num')::integer as version, pg_encoding_to_char(encoding) as encoding,
       case when pg_encoding_to_char(encoding) = 'UTF8'
         then lower(convert_from(decode('c384', 'hex'), 'UTF8') collate "default") = convert_from(decode('c3a4', 'hex'), 'UTF8')
         else false end as "foldsLetters"
     from pg_database where datname = current_database()`,
  );
  return rows[0];
}

/** Why a desk cannot live on such a server, and what to do; null when it can. */
export function unsupportedReason({ version, encoding }: Omit<ServerFacts, 'foldsLetters'>): string | null {
  const major = Math.trunc(version / 10_000);
  if (major < MIN_POSTGRESQL_MAJOR)
    return `This is PostgreSQL ${major}; Tocsin needs ${MIN_POSTGRESQL_MAJOR} or newer. Move the database to a newer server, or leave DATABASE_URL out`;
  if (encoding !== 'UTF8')
    return (
      `The encoding of this database is ${encoding}; Tocsin needs UTF8. Make another one, and name it in DATABASE_URL: ` +
      `CREATE DATABASE tocsin TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`
    );
  return null;
}

/** @throws database.unsupported when a desk cannot live on this server or in this database */
export async function refuseUnsupported(db: Knex): Promise<void> {
  const reason = unsupportedReason(await readServerFacts(db));
  if (reason) throw databaseUnsupported(reason);
}
