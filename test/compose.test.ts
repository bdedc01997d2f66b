import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig, settingNames } from '../apps/server/src/config.ts';
import { root } from './checkout.ts';

interface Service {
  readonly environment: Record<string, string>;
  readonly ports?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumes: readonly string[];
  readonly [key: string]: unknown;
}

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const servicesOf = (file: string): Record<'api' | 'incident_db', Service> => parse(textOf(file)).services;
const { api, incident_db: database } = servicesOf('docker-compose.yml');

/** What the image decides: where it listens inside its container, and the folder of its volume. */
const DECIDED_BY_IMAGE = ['HOST', 'PORT', 'TOCSIN_DATA_DIR'];

test('every setting of the server reaches the container as it stands in .env', () => {
  const { DATABASE_URL, ...passed } = api.environment;
  expect(DATABASE_URL).toMatch(/@incident_db:5432\/incident_db$/);
  const wanted = settingNames.filter((name) => name !== 'DATABASE_URL' && !DECIDED_BY_IMAGE.includes(name));
  expect(passed).toEqual(Object.fromEntries(wanted.map((name) => [name, `\${${name}:-}`])));
  const empty = Object.fromEntries(wanted.map((name) => [name, '']));
  expect(readConfig(empty)).toEqual(readConfig({}));
});

test.each(['.env.example', 'README.md'])('%s names every setting of the server', (file) => {
  expect(settingNames.filter((name) => !textOf(file).includes(name))).toEqual([]);
});

test('.env.example names every variable that a compose file reads', () => {
  const files = ['docker-compose.yml', 'docker-compose.database.yml'].map(textOf).join('\n');
  const read = new Set([...files.matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? ''));
  expect([...read].filter((name) => !textOf('.env.example').includes(name))).toEqual([]);
});

test('the API is published on 127.0.0.1 unless HOST says otherwise, the database only by a file of its own', () => {
  expect(api.ports).toEqual([`\${HOST:-127.0.0.1}:\${PORT:-8000}:8000`]);
  expect(database.ports).toBeUndefined();
  expect(servicesOf('docker-compose.database.yml').incident_db.ports).toEqual([
    `\${INCIDENT_DB_HOST:-127.0.0.1}:\${INCIDENT_DB_PORT:-5432}:5432`,
  ]);
});

describe.each(Object.entries({ api, database }))('the container of %s', (_name, service) => {
  test('has a read-only root, no new privileges, dropped capabilities and bounds', () => {
    expect(service).toMatchObject({
      read_only: true,
      security_opt: ['no-new-privileges:true'],
      cap_drop: ['ALL'],
      mem_limit: expect.stringMatching(/:-\d+g}$/),
      pids_limit: expect.any(Number),
    });
    expect(service.tmpfs).toContain('/tmp');
  });
});

test('postgres:18 keeps its data in a volume at /var/lib/postgresql, and the API runs as no root', () => {
  expect(database.image).toBe('postgres:18');
  expect(database.volumes).toEqual(['incident_pgdata:/var/lib/postgresql']);
  expect([api.user, api.cap_add]).toEqual(['node', undefined]);
});

const compose = spawnSync('docker-compose', ['version']).status === 0;

test.skipIf(!compose)('docker-compose takes both files, and lets the environment decide', () => {
  const env = { ...process.env, INCIDENT_DB_PASSWORD: 'x', PORT: '9000', LOG_LEVEL: 'debug' };
  const files = ['docker-compose.yml', 'docker-compose.database.yml'].flatMap((file) => ['-f', file]);
  const told = parse(String(execFileSync('docker-compose', [...files, 'config'], { cwd: root, env })));
  expect(told.services.api.environment.LOG_LEVEL).toBe('debug');
  expect(String(told.services.api.ports[0])).toMatch(/^127\.0\.0\.1:9000:8000/);
  expect(String(told.services.incident_db.ports[0])).toMatch(/^127\.0\.0\.1:5432:5432/);
});
