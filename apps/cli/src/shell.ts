import type { Client, ClientOptions } from '@tocsin/client';
import type { Command } from 'commander';
import { CredentialsFile } from './desk/credentials.ts';
import { type FoundDesk, findDesk, type Hints } from './desk/find.ts';
import { findLocalDesk } from './desk/local.ts';
import type { Environment } from './environment.ts';
import { type Output, openOutput } from './terminal/output.ts';

/** What every command takes beside its own options. */
interface GlobalOptions {
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** A desk that a command talks to. */
export interface Desk extends FoundDesk {
  readonly client: Client;
}

/** What a command has around it. */
export class Shell {
  readonly environment: Environment;
  readonly credentials: CredentialsFile;
  /** The desk that the command went to; errors name it. */
  desk: FoundDesk | null = null;

  constructor(environment: Environment) {
    this.environment = environment;
    this.credentials = new CredentialsFile(environment.configHome);
  }

  /** Where the command writes, as its options want it. */
  output(command: Command): Output {
    return openOutput({ json: command.optsWithGlobals<GlobalOptions>().json ?? false });
  }

  /** What the command line says of the desk. */
  flags(command: Command): Hints {
    const { url, token } = command.optsWithGlobals<GlobalOptions>();
    return { url: url || null, token: token || null };
  }

  /** Finds the desk that the command is for. @throws Failure when there is none */
  async connect(command: Command): Promise<Desk> {
    const found = await findDesk({
      flags: this.flags(command),
      environment: this.environment,
      kept: () => this.credentials.read(),
      local: findLocalDesk,
    });
    return this.connectTo(found, {
      // Whoever looks at a terminal that stands still wants to know why.
      onRetry: ({ reason }) => process.stderr.isTTY && this.output(command).note(`${reason}; trying again …`),
    });
  }

  /** Takes this desk. */
  async connectTo(found: FoundDesk, options: Partial<ClientOptions> = {}): Promise<Desk> {
    this.desk = found;
    // Half of what there is to load; help and wrong usage come without it.
    const { createClient } = await import('@tocsin/client');
    return { ...found, client: createClient({ ...options, ...found }) };
  }
}
