import Fastify from 'fastify';
import { type Logger, pino } from 'pino';
import { expect, test } from 'vitest';
import { registerDeadline } from '../src/deadline.ts';

test('a request that nobody answers is told so, and may come again', async () => {
  const app = Fastify();
  const log: Logger = pino({ level: 'silent' });
  app.decorate('tocsinLog', log);
  registerDeadline(app, 10);
  app.get('/', () => new Promise(() => {}));
  const response = await app.inject('/');
  expect(response.statusCode).toBe(503);
  expect(response.headers['retry-after']).toBeDefined();
  expect(response.json()).toMatchObject({ code: 'request.timeout' });
});
