import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { buffer, text } from 'node:stream/consumers';
import yauzl from 'yauzl';
import { ZipFile } from 'yazl';
import type { Manifest } from '../backup/index.ts';
import { newFile } from './kept-desk.ts';

/** Writes a zip with these files. @returns its path */
export async function zipOf(entries: Record<string, string>): Promise<string> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(entries)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  const file = newFile();
  writeFileSync(file, await buffer(zip.outputStream));
  return file;
}

/** The files of a zip. */
export async function entriesOf(file: string): Promise<Record<string, string>> {
  const zip = await yauzl.openPromise(file, { lazyEntries: true, autoClose: false });
  const entries: Record<string, string> = {};
  for await (const entry of zip.eachEntry())
    entries[entry.fileName] = await text(await zip.openReadStreamPromise(entry));
  zip.close();
  return entries;
}

/** What a forger can change: rows of tables, as lines of COPY's text format, and what the manifest says. */
export interface Forgery {
  readonly tables: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: a forger keeps to no type
  readonly manifest: any;
}

/**
 * Writes a copy of a backup with changes, whose checksums and counts are right again.
 * @param change changes rows and manifest in place, before the checksums are made
 */
export async function forge(file: string, change: (forgery: Forgery) => void): Promise<string> {
  const entries = await entriesOf(file);
  const manifest = JSON.parse(entries['manifest.json'] ?? '') as Manifest;
  const tables = Object.fromEntries(
    manifest.tables.map(({ name }) => [name, entries[`tables/${name}.copy`] ?? '']),
  );
  change({ tables, manifest });
  const measured = manifest.tables.map((table) => {
    const rows = tables[table.name] ?? '';
    return {
      ...table,
      rows: rows.split('\n').length - 1,
      bytes: Buffer.byteLength(rows),
      sha256: createHash('sha256').update(rows).digest('hex'),
    };
  });
  return zipOf({
    ...Object.fromEntries(Object.entries(tables).map(([name, rows]) => [`tables/${name}.copy`, rows])),
    'manifest.json': JSON.stringify({ ...manifest, tables: measured }),
  });
}
