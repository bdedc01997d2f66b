import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';

/** The root of the checkout: `.env` and the data folder lie there, wherever the command is typed. */
export const checkout = resolve(import.meta.dirname, '../../..');

/** Of one host: the driver knows no lists of them. */
function isPostgresUrl(value: string): boolean {
  const url = URL.parse(value);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) return false;
  return !`${url.hostname}${url.searchParams.get('host') ?? ''}`.includes(',');
}

/** An address of IPv4 or IPv6, or a network as `10.0.0.0/8`. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

const listOf = (list: string): string[] => list.split(',').flatMap((one) => one.trim() || []);

const PORT = 'must be a port, 0 to 65535; 0 takes a free one';
const WORKERS = 'must be a number of processes, 1 to 64';

const isHttpUrl = (value: string): boolean => /^https?:$/.test(URL.parse(value)?.protocol ?? '');

/** `name=value` with commas between, values percent-encoded, as OpenTelemetry has it; null when it is not that. */
function readHeaders(list: string): Record<string, string> | null {
  const pairs = list.split(',').flatMap((pair) => pair.trim() || []);
  const parsed = pairs.map((pair) => /^([\w!#$%&'*+.^`|~-]+) *= *([\x21-\x7e]*)$/.exec(pair));
  try {
    const entries = parsed.map((match) => [match?.[1] ?? '', decodeURIComponent(match?.[2] ?? '')] as const);
    return entries.every(([name, value]) => name && /^[\x20-\x7e]*$/.test(value))
      ? Object.fromEntries(entries)
      : null;
  } catch {
    return null;
  }
}

const Settings = z.object({
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, 'must be a URL of one host, such as postgres://user:password@host:5432/name')
    .optional(),
  TOCSIN_DIRECT_DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, 'must be a URL of one host, such as postgres://user:password@host:5432/name')
    .optional(),
  TOCSIN_PREPARED_STATEMENTS: z
    .enum(['on', 'off'], { error: 'must be on or off' })
    .default('on')
    .transform((value) => value === 'on'),
  TOCSIN_DATA_DIR: z
    .string()
    .default('.tocsin')
    .transform((path) => resolve(checkout, path)),
  HOST: z.string().default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, PORT)
    .default('8000')
    .transform(Number)
    .refine((port) => port <= 65_535, PORT),
  TOCSIN_BOOTSTRAP_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]*$/, 'must be visible ASCII without spaces, for it travels in a header')
    .refine((token) => token.length >= 32, 'must have 32 characters or more')
    .optional(),
  TOCSIN_RATE_LIMIT: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number of requests a second; 0 is off')
    .default('0')
    .transform(Number),
  TOCSIN_WORKERS: z
    .string()
    .regex(/^\d{1,2}$/, WORKERS)
    .default('1')
    .transform(Number)
    .refine((workers) => workers >= 1 && workers <= 64, WORKERS),
  TOCSIN_POSTGRES_RESTART_SECONDS: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'must be a whole number of seconds, 1 or more')
    .default('300')
    .transform(Number),
  TOCSIN_METRICS_PORT: z
    .string()
    .regex(/^\d{1,5}$/, PORT)
    .transform(Number)
    .refine((port) => port <= 65_535, PORT)
    .optional(),
  TRUST_PROXY: z
    .string()
    .default('')
    .transform(listOf)
    .refine(
      (list) => list.every(isNetwork),
      'must be addresses or networks with commas between, such as 10.0.0.0/8',
    ),
  TOCSIN_CORS_ORIGINS: z
    .string()
    .default('')
    .transform(listOf)
    .refine(
      (list) => list.every((origin) => origin === '*' || URL.parse(origin)?.origin === origin),
      'must be origins with commas between, such as https://status.example.com, or *',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine(isHttpUrl, 'must be a URL such as http://127.0.0.1:4318')
    .optional(),
  OTEL_SERVICE_NAME: z.string().max(255).default('tocsin'),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .default('')
    .refine(
      (list) => readHeaders(list) !== null,
      'must be name=value with commas between, values percent-encoded',
    )
    .transform((list) => readHeaders(list) ?? {}),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
});

/** The names of all settings. */
export const settingNames: readonly string[] = Object.keys(Settings.shape);

/** Where traces are sent, and as whose. */
export interface TracingConfig {
  /** Without `/v1/traces`. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the environment decides. */
export interface Config {
  /** Null: Tocsin starts a PostgreSQL of its own in the data folder. */
  readonly databaseUrl: string | null;
  /** The same database past a pooler, for what needs a connection of its own; null: `databaseUrl`. */
  readonly directDatabaseUrl: string | null;
  /** False when a pooler in between knows no named statements. */
  readonly preparedStatements: boolean;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** Null: the one kept in the data folder, made at the first start. */
  readonly bootstrapToken: string | null;
  readonly rateLimit: number;
  /** How many processes serve. */
  readonly workers: number;
  /** For how long an embedded PostgreSQL that died may fail to start before the process exits. */
  readonly postgresRestartMs: number;
  /** Where metrics are told without a token; null: nowhere. */
  readonly metricsPort: number | null;
  /** Null: no traces are made. */
  readonly tracing: TracingConfig | null;
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Whose pages may call. */
  readonly corsOrigins: readonly string[];
  readonly logLevel: z.output<typeof Settings>['LOG_LEVEL'];
}

/** Settings that cannot be used; the message names each of them. */
export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(`Tocsin cannot start with these settings:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

type Environment = Record<string, string | undefined>;

/**
 * Reads the settings, once. An empty variable counts as not set.
 * @param environment wins over `.env` in the checkout
 * @throws ConfigError
 */
export function readConfig(environment: Environment = process.env): Config {
  const given = Object.entries({ ...readDotEnv(), ...environment }).filter(([, value]) => value !== '');
  const parsed = Settings.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  }
  const settings = parsed.data;
  return {
    databaseUrl: settings.DATABASE_URL ?? null,
    directDatabaseUrl: settings.TOCSIN_DIRECT_DATABASE_URL ?? null,
    preparedStatements: settings.TOCSIN_PREPARED_STATEMENTS,
    dataDir: settings.TOCSIN_DATA_DIR,
    host: settings.HOST,
    port: settings.PORT,
    bootstrapToken: settings.TOCSIN_BOOTSTRAP_TOKEN ?? null,
    rateLimit: settings.TOCSIN_RATE_LIMIT,
    workers: settings.TOCSIN_WORKERS,
    postgresRestartMs: settings.TOCSIN_POSTGRES_RESTART_SECONDS * 1_000,
    metricsPort: settings.TOCSIN_METRICS_PORT ?? null,
    tracing: tracingOf(settings),
    trustedProxies: settings.TRUST_PROXY,
    corsOrigins: settings.TOCSIN_CORS_ORIGINS,
    logLevel: settings.LOG_LEVEL,
  };
}

function tracingOf(settings: z.output<typeof Settings>): TracingConfig | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: serviceName } = settings;
  return endpoint === undefined
    ? null
    : { endpoint, serviceName, headers: settings.OTEL_EXPORTER_OTLP_HEADERS };
}

function readDotEnv(): Environment {
  const file = resolve(checkout, '.env');
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}
