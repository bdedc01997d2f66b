import { BlockList, isIPv6, type Socket } from 'node:net';
import { access } from '@tocsin/domain';
import type { FastifyInstance } from 'fastify';
import { NetworkQuota } from './network-quota.ts';

/** Connections of one network, and of all. */
const MAX_CONNECTIONS = { perNetwork: 2_048, total: 8_192 };

export interface ConnectionsOptions {
  /** Addresses and networks of proxies, whose connections are those of many and are not counted. */
  readonly proxies: readonly string[];
  readonly limits?: { readonly perNetwork: number; readonly total: number } | undefined;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    if (bits === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

/**
 * Bounds how many connections are open. Beyond the bound the one is closed that has been without a request for the longest
 * time, of the network that has the most.
 */
export function registerConnections(
  app: FastifyInstance,
  { proxies, limits = MAX_CONNECTIONS }: ConnectionsOptions,
): void {
  const trusted = blockListOf(proxies);
  const quota = new NetworkQuota(limits);
  /** What is counted for a connection; nothing for a proxy's. */
  const counted = new WeakMap<Socket, { readonly network: string; release: () => void }>();
  const admit = (socket: Socket): void => {
    const held = counted.get(socket);
    if (!held || socket.destroyed) return;
    held.release();
    held.release = quota.admit(held.network, 1, () => socket.destroy());
  };
  app.server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || trusted.check(remoteAddress, familyOf(remoteAddress))) return;
    // Its address stays, so its network is found out once and not for each request.
    counted.set(socket, { network: access.networkOf(remoteAddress), release: () => {} });
    admit(socket);
    socket.once('close', () => counted.get(socket)?.release());
  });
  app.addHook('onRequest', ({ socket }, _reply, done) => {
    admit(socket);
    done();
  });
}
