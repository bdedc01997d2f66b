import cluster from 'node:cluster';
import { DomainError } from '@tocsin/domain';
import { ConfigError, readConfig } from './config.ts';
import { DeskInUse } from './desk-database.ts';
import { openLog } from './log.ts';
import { UntrustedFile } from './own-file.ts';
import { type RunningServer, startServer } from './server.ts';
import { startWorker } from './workers.ts';

/** `EX_CONFIG` of sysexits.h: something was found in a misconfigured state. */
const EX_CONFIG = 78;

function welcome({ url, newToken }: RunningServer): string {
  const lines = ['', '  Tocsin is up.', `  API   ${url}`, `  Docs  ${url}/docs`];
  if (newToken)
    lines.push(`  Token ${newToken}`, '        the administrator’s; it is shown this once, so keep it');
  return `${[...lines, '  Next  npx -y pnpm@12 tocsin tickets create --title "My first ticket"', ''].join('\n')}\n`;
}

/** People get one message without a stack; whoever debugs sets LOG_LEVEL=debug. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DeskInUse || error instanceof UntrustedFile)
    return error.message;
  const message = error instanceof Error ? error.message : String(error);
  if (/EADDRINUSE/.test(message))
    return `Tocsin could not start: ${message}.\nSet PORT (or TOCSIN_METRICS_PORT) to another port, or to 0 for a free one.`;
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `Tocsin could not start: ${message}${cause}`;
}

/** Ends with an exit code other than 0, so that a supervisor of this process can act. */
async function giveUp(server: RunningServer, error: Error): Promise<never> {
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  await server.stop();
  process.stderr.write(`Tocsin gives up: ${error.message}${cause}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = openLog(config.logLevel, cluster.worker?.id);
  let stopping = false;
  const starting: Promise<{ stop(): Promise<void> }> = cluster.isWorker
    ? startWorker(config, log)
    : startServer(config, log).then((server) => {
        if (!stopping) process.stdout.write(welcome(server));
        server.lost.then((error) => giveUp(server, error)).catch(fail);
        return server;
      });

  const stop = async (signal: string): Promise<void> => {
    log.info({ signal }, 'stopping');
    const server = await starting;
    await server.stop();
    log.info('stopped');
    process.exit(0);
  };
  // A terminal's Ctrl-C may arrive more than once (from the terminal, and passed on by pnpm); one stop is enough.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping) stop(signal).catch(fail);
      stopping = true;
    });
  }

  await starting;
}

/** Another try cannot help before somebody has changed the settings. */
const isMisconfigured = (error: unknown): boolean =>
  error instanceof ConfigError ||
  error instanceof UntrustedFile ||
  (error instanceof DomainError && error.code === 'database.unsupported');

function fail(error: unknown): void {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(isMisconfigured(error) ? EX_CONFIG : 1);
}

await main().catch(fail);
