import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder on the disk, for what is installed: other temporary folders of a run may lie in memory. */
export function diskFolder(prefix: string): string {
  const { TOCSIN_TEST_DISK: disk = tmpdir() } = process.env;
  return mkdtempSync(join(disk, prefix));
}
