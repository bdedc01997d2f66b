import { join } from 'node:path';
import { templateDatabase } from '@tocsin/domain/testing';
import { ensureDatabase, openCluster } from '@tocsin/postgres';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openRunFolder } from './run-folder.ts';

const TEMPLATE = 'tocsin_template';

/**
 * One PostgreSQL for the whole run, with one migrated database that every test file clones. `TOCSIN_TEST_POSTGRES_URL`
 * names another server than the embedded one, by a superuser; its template is made anew.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { TOCSIN_TEST_POSTGRES_URL: url } = process.env;
  const folder = await openRunFolder();
  const stop = await (url ? useServer(project, url) : startServer(project, folder.path));
  return async () => {
    await stop();
    await folder.close();
  };
}

async function useServer(project: TestProject, url: string): Promise<() => Promise<void>> {
  await withClient(url, (client) => client.query(`drop database if exists ${TEMPLATE}`));
  await templateDatabase(await ensureDatabase({ url }, TEMPLATE));
  project.provide('postgresUrl', url);
  return async () => {
    await withClient(url, (client) => client.query(`drop database if exists ${TEMPLATE}`));
  };
}

async function startServer(project: TestProject, folder: string): Promise<() => Promise<void>> {
  // Nothing here must survive a power cut, so it need not wait for the disk.
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '200',
  };
  const cluster = await openCluster({ dir: join(folder, 'postgres'), settings });
  await templateDatabase(await ensureDatabase(cluster, TEMPLATE));
  project.provide('postgresUrl', cluster.url);
  return () => cluster.stop();
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
