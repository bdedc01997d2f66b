import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterAll, onTestFinished } from 'vitest';
import { restoreBackup, writeBackup } from '../backup/index.ts';
import { openDatabase } from '../core/index.ts';
import { createTeam } from '../identity/index.ts';
import { create, edit } from '../tickets/index.ts';
import { contentOf } from './desk-content.ts';
import { createDatabase, testContext } from './index.ts';

/** What text can have in it that COPY, a shell or a program could take for something else. */
export const ODD = [
  '\\.',
  'a\nb\r\nc\td',
  'back\\slash \\n \\N',
  `"'\`$$;--`,
  '🚨 Ärger',
  '\\N',
  ' ',
  '{a,"b"}',
  '\u0001\u007f',
];

/** Works on a database as a passing guest: no connection is left. */
export async function visit<T>(url: string, work: (db: Knex) => Promise<T>): Promise<T> {
  const db = openDatabase({ url, poolSize: 4 });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** The content of a database with nothing in it. */
export const NOTHING = { triggers: [], rest: [] };

export const contentAt = (url: string) => visit(url, contentOf);

async function fill(db: Knex): Promise<void> {
  const ctx = testContext(db);
  await createTeam(ctx, { name: ODD.join('') });
  for (const text of ODD) {
    const { id } = await create(ctx, {
      title: `t ${text}`,
      description: text,
      tags: [text.trim() || 'x', 'NULL', '"'],
    });
    await edit(ctx, { id, title: `again ${text}`, description: null });
  }
  await db.raw(
    `insert into tokens (id, user_id, kind, name, hash, scopes, created_at)
     select gen_random_uuid(), id, 'token', ?, decode(repeat('5c2e0a00', 8), 'hex'), array['admin'], now() from users limit 1`,
    [ODD.join('\n')],
  );
  // A number that was taken and given back is not given again.
  await db.raw(`select nextval('tickets_id_seq')`);
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-backup-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export const refused = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => String(error.code ?? error),
  );

export const newFile = (): string => join(folder(), 'desk.zip');
export const back = (file: string, url: string, replace = false) => restoreBackup({ url, file, replace });
export const save = (url: string, file: string) => writeBackup({ url, file, tocsin: '1.2.3' });

/** A desk that has something of everything, and the backup of it. */
export interface KeptDesk {
  readonly db: Knex;
  readonly url: string;
  readonly kept: string;
}

/** Makes it for the tests of one file. Call it at the top of the file, awaited. */
export async function keptDesk(): Promise<KeptDesk> {
  const desk = await createDatabase();
  const path = mkdtempSync(join(tmpdir(), 'tocsin-backup-'));
  afterAll(async () => {
    rmSync(path, { recursive: true, force: true });
    await desk.drop();
  });
  await fill(desk.db);
  const kept = join(path, 'desk.zip');
  await save(desk.url, kept);
  return { db: desk.db, url: desk.url, kept };
}
