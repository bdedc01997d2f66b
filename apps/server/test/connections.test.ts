import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { registerConnections } from '../src/connections.ts';
import { rawSocket } from './sockets.ts';

const ask = 'GET / HTTP/1.1\r\nHost: desk\r\n\r\n';

/** An app that allows three connections of one network. */
async function appWith(proxies: readonly string[]) {
  const app = Fastify({ keepAliveTimeout: 60_000 });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  registerConnections(app, { proxies, limits: { perNetwork: 3, total: 4 } });
  app.get('/', () => 'here');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const open = async () => {
    const socket = rawSocket(url, ask);
    await expect.poll(socket.text).toContain('here');
    return socket;
  };
  return { open };
}

test('beyond its bound the connection of a network is closed that has been idle the longest', async () => {
  const { open } = await appWith([]);
  const [first, second, third] = [await open(), await open(), await open()];
  first.socket.write(ask);
  await expect.poll(() => first.text().split('here').length).toBe(3);
  await open();
  await second.ended;
  expect([first.socket.closed, third.socket.closed]).toEqual([false, false]);
});

test.each(['127.0.0.1', '127.0.0.0/8'])('the connections of a proxy (%s) are not counted', async (proxy) => {
  const { open } = await appWith([proxy]);
  const sockets = [await open(), await open(), await open(), await open(), await open()];
  for (const { socket } of sockets) socket.write(ask);
  for (const { text } of sockets) await expect.poll(() => text().split('here').length).toBe(3);
});
