import { z } from 'zod';
import { backupDamaged, backupTooNew, notABackup } from './errors.ts';

/** Grows by one when an older version could no longer restore what is written. */
export const FORMAT = 1;

const TableEntry = z.object({
  name: z.string(),
  /** In the order in which each row has them. */
  columns: z.array(z.string()),
  rows: z.int().min(0),
  /** Of the rows as text, not packed. */
  bytes: z.int().min(0),
  sha256: z.hex().length(64),
});
export type TableEntry = z.output<typeof TableEntry>;

const SequenceEntry = z.object({
  name: z.string(),
  /** Text, because not every value of a sequence is a number of JavaScript. */
  value: z.string().regex(/^\d{1,15}$/),
  /** False for one that has never given a value. */
  called: z.boolean(),
});
export type SequenceEntry = z.output<typeof SequenceEntry>;

const namedOnce = (entries: readonly { readonly name: string }[]): boolean =>
  new Set(entries.map(({ name }) => name)).size === entries.length;

const Manifest = z.object({
  format: z.literal(FORMAT),
  tocsin: z.string(),
  at: z.iso.datetime(),
  postgres: z.string(),
  // Without any there would be no tables to restore, and the desk would be gone.
  migrations: z
    .array(z.string())
    .min(1)
    .refine((names) => new Set(names).size === names.length),
  tables: z.array(TableEntry).refine(namedOnce),
  sequences: z.array(SequenceEntry).refine(namedOnce),
});
/** What a backup says of itself. */
export type Manifest = z.output<typeof Manifest>;

/** As much as every format has. */
const AnyManifest = z.looseObject({ format: z.int().min(1), tocsin: z.string() });

/**
 * Reads a manifest. @param file that it stands in, for the error
 * @throws backup.not_a_backup, backup.too_new, backup.damaged
 */
export function parseManifest(text: string, file: string): Manifest {
  const any = AnyManifest.safeParse(parseJson(text));
  if (!any.success) throw notABackup(file, 'its manifest.json is not of Tocsin');
  const { format, tocsin } = any.data;
  if (format > FORMAT) throw backupTooNew(file, { what: `format ${format}`, tocsin });
  const manifest = Manifest.safeParse(any.data);
  if (manifest.success) return manifest.data;
  throw backupDamaged(file, `its manifest breaks the rules at ${manifest.error.issues[0]?.path.join('.')}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const MANIFEST_NAME = 'manifest.json';

/** The name of a table's rows within the zip; a table may be called anything, a file may not. */
export const entryName = (table: string): string => `tables/${encodeURIComponent(table)}.copy`;
