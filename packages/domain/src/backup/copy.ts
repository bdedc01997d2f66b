import type { Readable, Writable } from 'node:stream';
import type { Knex } from 'knex';
import type { ClientBase } from 'pg';
import pg from 'pg';
import { from, to } from 'pg-copy-streams';
import { inPublic, type Table } from './catalogue.ts';

/** What decides how values are written as text must be the same at both ends, whatever the databases are set to. */
export const fixTextForms = (trx: Knex): Promise<unknown> =>
  trx.raw(`set local datestyle to iso; set local intervalstyle to postgres; set local bytea_output to hex;
    set local extra_float_digits to 3; set local client_encoding to 'UTF8'; set local row_security to off`);

/** The one connection of a transaction. */
const connectionOf = (trx: Knex.Transaction): Promise<ClientBase> => trx.client.acquireConnection();

const columnsOf = ({ columns }: Table): string => columns.map((name) => pg.escapeIdentifier(name)).join(', ');

/** The rows of a table in COPY's text format. Whoever stops reading must close the connection: it waits for them. */
export const readRows = async (trx: Knex.Transaction, table: Table): Promise<Readable> =>
  (await connectionOf(trx)).query(to(`copy ${inPublic(table.name)} (${columnsOf(table)}) to stdout`));

/** Takes the rows of a table; finished when the database has all of them, identities as they are written. */
export const writeRows = async (trx: Knex.Transaction, table: Table): Promise<Writable> =>
  (await connectionOf(trx)).query(from(`copy ${inPublic(table.name)} (${columnsOf(table)}) from stdin`));
