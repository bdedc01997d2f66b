import { expect, test } from 'vitest';
import { ConfigError, checkout, readConfig } from '../src/config.ts';

/** The message that a start with these settings ends with; empty when it would go on. */
const complaint = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

test('without any setting the defaults of the contract hold', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '' })).toEqual({
    databaseUrl: null,
    directDatabaseUrl: null,
    preparedStatements: true,
    dataDir: `${checkout}/.tocsin`,
    host: '127.0.0.1',
    port: 8000,
    bootstrapToken: null,
    rateLimit: 0,
    trustedProxies: [],
    workers: 1,
    corsOrigins: [],
    postgresRestartMs: 300_000,
    metricsPort: null,
    tracing: null,
    logLevel: 'info',
  });
});

test('one message names every wrong variable, and repeats no secret', () => {
  const message = complaint({
    DATABASE_URL: 'mysql://user:hunter2@host/name',
    PORT: '70000',
    TOCSIN_BOOTSTRAP_TOKEN: 'hunter2',
    TOCSIN_RATE_LIMIT: '-1',
    LOG_LEVEL: 'loud',
  });
  for (const name of ['DATABASE_URL', 'PORT', 'TOCSIN_BOOTSTRAP_TOKEN', 'TOCSIN_RATE_LIMIT', 'LOG_LEVEL']) {
    expect(message).toContain(name);
  }
  expect(message).not.toContain('hunter2');
});

test.each([
  ['PORT', 'http'],
  ['PORT', '-1'],
  ['PORT', '65536'],
  ['DATABASE_URL', 'localhost'],
  ['DATABASE_URL', 'postgres://a,b/tocsin'],
  ['DATABASE_URL', 'postgres://a:5432,b:5432/tocsin?target_session_attrs=read-write'],
  ['DATABASE_URL', 'postgres://a/tocsin?host=a,b'],
  ['TOCSIN_DIRECT_DATABASE_URL', 'localhost'],
  ['TOCSIN_PREPARED_STATEMENTS', 'never'],
  ['TOCSIN_BOOTSTRAP_TOKEN', 'x'.repeat(31)],
  ['TOCSIN_BOOTSTRAP_TOKEN', `${'x'.repeat(32)} y`],
  ['LOG_LEVEL', 'INFO'],
  ['TRUST_PROXY', 'proxy.example'],
  ['TOCSIN_CORS_ORIGINS', 'example.com'],
  ['TOCSIN_CORS_ORIGINS', 'https://example.com/'],
  ['TOCSIN_METRICS_PORT', '65536'],
  ['TOCSIN_METRICS_PORT', 'on'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%0d%0a'],
  ['TOCSIN_WORKERS', '0'],
  ['TOCSIN_WORKERS', '65'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '10.0.0.0/8/8'],
])('%s cannot be %s', (name, value) => {
  expect(complaint({ [name]: value })).toContain(name);
});

test('a good setting is taken', () => {
  const traces = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  expect(
    readConfig({ ...traces, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20x, b=c' }).tracing,
  ).toEqual({
    endpoint: 'http://collector:4318',
    serviceName: 'tocsin',
    headers: { authorization: 'Basic x', b: 'c' },
  });
  const token = 'x'.repeat(32);
  const proxies = readConfig({ TRUST_PROXY: '10.0.0.0/8, ::1,' }).trustedProxies;
  expect(proxies).toEqual(['10.0.0.0/8', '::1']);
  expect(readConfig({ PORT: '0', TOCSIN_BOOTSTRAP_TOKEN: token, LOG_LEVEL: 'debug' })).toMatchObject({
    port: 0,
    bootstrapToken: token,
    logLevel: 'debug',
  });
});
