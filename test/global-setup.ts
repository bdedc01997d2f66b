import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { templateDatabase } from '@tocsin/domain/testing';
import { ensureDatabase, openCluster } from '@tocsin/postgres';
import type { TestProject } from 'vitest/node';

/** One PostgreSQL for the whole run, with one migrated database that every test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'tocsin-test-'));
  // As root PostgreSQL runs under another account, which must be able to pass through.
  await chmod(dir, 0o711);
  // Nothing here must survive a power cut, so it need not wait for the disk.
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '200',
  };
  const cluster = await openCluster({ dir: join(dir, 'postgres'), settings });
  await templateDatabase(await ensureDatabase(cluster, 'tocsin_template'));
  project.provide('postgresUrl', cluster.url);
  return async () => {
    await cluster.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
