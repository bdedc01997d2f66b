import { type Client, createClient } from '@tocsin/client';
import { runApp, TOKEN } from '../../server/test/running-app.ts';
import { type Ran, type Running, tocsin } from './tocsin.ts';

export { TOKEN };

/** A desk of this test file's own, and `tocsin` that knows it. */
export interface TestDesk {
  readonly url: string;
  readonly client: Client;
  readonly environment: Record<string, string>;
  tocsin(args: readonly string[], running?: Running): Promise<Ran>;
  /** Runs it with `--json` and reads the answer. */
  json(args: readonly string[]): Promise<unknown>;
}

/** Starts a desk. Call it at the top of the file, awaited. */
export async function runDesk(): Promise<TestDesk> {
  const { url } = await runApp();
  const environment = { TOCSIN_URL: url, TOCSIN_TOKEN: TOKEN };
  const run: TestDesk['tocsin'] = (args, { env = {}, ...rest } = {}) =>
    tocsin(args, { ...rest, env: { ...environment, ...env } });
  return {
    url,
    client: createClient({ url, token: TOKEN }),
    environment,
    tocsin: run,
    json: async (args) => JSON.parse((await run([...args, '--json'])).stdout),
  };
}
