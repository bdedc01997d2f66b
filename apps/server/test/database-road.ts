import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** The way between a server and its database, on which things can go wrong. */
export interface DatabaseRoad {
  /** The database's address, by this road. */
  readonly url: string;
  /** Refuses connections, and breaks those that there are. */
  close(): Promise<void>;
  /** Lets everything through again. */
  open(): Promise<void>;
  /** Leads new connections to another server; those that there are stay where they are. */
  turn(databaseUrl: string): void;
  /** Swallows whatever is sent, without a word. */
  swallow(): void;
  /** Cuts the next connections that commit, after the database has done it and before its answer is heard. */
  cutAfterCommit(times: number): void;
}

/** `COMMIT;` as the driver sends it, in a message of its own. */
const COMMIT = Buffer.from('COMMIT;\0');

/** Makes a road to a database; it is open, unless told otherwise. */
export async function roadTo(databaseUrl: string, { closed = false } = {}): Promise<DatabaseRoad> {
  let target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let swallowing = false;
  let cuts = 0;
  const travel = (near: Socket): void => {
    const far = connect(Number(target.port), target.hostname);
    let committing = false;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    near.on('data', (chunk) => {
      if (swallowing) return;
      if (cuts > 0 && chunk.includes(COMMIT)) {
        cuts -= 1;
        committing = true;
      }
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (committing) return void near.destroy();
      if (!swallowing) near.write(chunk);
    });
  };
  let server: Server | null = null;
  let port = 0;
  const open = async (): Promise<void> => {
    swallowing = false;
    if (server) return;
    server = createServer(travel).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const close = async (): Promise<void> => {
    const ended = server && once(server, 'close');
    server?.close();
    server = null;
    for (const socket of sockets) socket.destroy();
    await ended;
  };
  await open();
  if (closed) await close();
  onTestFinished(close);
  const turn = (to: string): void => {
    target = new URL(to);
  };
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    open,
    close,
    turn,
    swallow: () => {
      swallowing = true;
    },
    cutAfterCommit: (times) => {
      cuts = times;
    },
  };
}
