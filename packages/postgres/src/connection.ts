import { Client } from 'pg';

const TIMEOUT_MS = 5_000;

/** The address of database `postgres` on a server of this machine. */
export function urlOf(port: number, password: string): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

/** One connection for one piece of work. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, ssl: false, connectionTimeoutMillis: TIMEOUT_MS });
  // A server that dies under the connection reports it twice: to the query, which throws, and here, where it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The data folder that the server at `url` works on: proof that it answers, knows our password, and who it is. */
export async function askDataDirectory(url: string): Promise<string | undefined> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory;
  });
}
