import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { testDatabase } from '@tocsin/domain/testing';
import { expect, onTestFinished, test } from 'vitest';
import { caller, runApp } from './running-app.ts';
import { administratorOf, dataFolder, startProcess } from './running-process.ts';
import { metricsUrlOf } from './samples.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const isThere = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0;
const { call } = await runApp();

interface Panel {
  readonly title: string;
  readonly datasource: { readonly uid: string };
  readonly targets: readonly { readonly expr: string }[];
}
const dashboard: { title: string; panels: Panel[]; templating: { list: { name: string; type: string }[] } } =
  JSON.parse(read('ops/grafana-dashboard.json'));
const alerts = read('ops/alerts.yml');
const alertNames = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? '');

const patience = { timeout: 30_000, interval: 250 };

test('every metric that the dashboard and the alerts name is told', async () => {
  const page = (await call('/metrics')).text;
  const told = new Set(
    [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
  const named = [...`${expressions}\n${alerts.replaceAll(/docs\/\S+/g, '')}`.matchAll(/\btocsin_\w+/g)];
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named.map(([name]) => name))].filter((name) => !told.has(name))).toEqual([]);
});

test('the dashboard asks whatever data source is chosen', () => {
  expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
  expect(dashboard.panels.map(({ datasource }) => datasource.uid)).toEqual(
    dashboard.panels.map(() => `$\{datasource}`),
  );
});

test('every alert says how bad it is and what to do about it, at an address that exists', () => {
  expect(alertNames.length).toBeGreaterThan(7);
  const rules = alerts.split('- alert: ').slice(1);
  const guide = read('docs/operations.md');
  const headings = [...guide.matchAll(/^#+ (Alert \w+)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replaceAll(' ', '-'),
  );
  for (const [n, rule] of rules.entries()) {
    expect(rule).toMatch(/severity: (critical|warning)\n/);
    expect(rule).toMatch(/summary: ".+"\n +description: ".+"\n/);
    const [, anchor] = /runbook_url: "docs\/operations\.md#([\w-]+)"/.exec(rule) ?? [];
    expect([alertNames[n], anchor]).toEqual([alertNames[n], `alert-${alertNames[n]?.toLowerCase()}`]);
    expect(headings).toContain(anchor);
  }
  const tested = read('ops/alerts.test.yml');
  for (const name of alertNames) expect(tested).toMatch(new RegExp(`alertname: ${name}\n +exp_alerts:\n`));
});

test('promtool finds nothing wrong with the rules and the configuration, and each alert fires when it should', ({
  skip,
}) => {
  if (!isThere('promtool')) skip('promtool is not installed: apt-get install prometheus');
  const promtool = (...args: string[]): string =>
    execFileSync('promtool', args, { cwd: join(root, 'ops'), encoding: 'utf8' });
  expect(promtool('check', 'rules', 'alerts.yml')).toContain(`SUCCESS: ${alertNames.length} rules found`);
  expect(promtool('check', 'config', 'prometheus.yml')).toContain('is valid');
  promtool('test', 'rules', 'alerts.test.yml');
});

/** A Prometheus with the example's configuration, but for whom it scrapes and how often. @returns how to ask it */
async function startPrometheus(target: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-prometheus-'));
  const config = read('ops/prometheus.yml').replaceAll('15s', '1s').replace('127.0.0.1:9464', target);
  expect(config).toContain(target);
  writeFileSync(join(folder, 'prometheus.yml'), config);
  cpSync(join(root, 'ops/alerts.yml'), join(folder, 'alerts.yml'));
  const port = await freePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const gone = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = caller(`http://127.0.0.1:${port}`);
  await expect
    .poll(
      () =>
        ask('/-/ready', { token: null }).then(
          ({ status }) => status,
          () => 0,
        ),
      patience,
    )
    .toBe(200);
  return async (query: string) => {
    const { status, body } = await ask(`/api/v1/query?query=${encodeURIComponent(query)}`, { token: null });
    expect([query, status, body?.error]).toEqual([query, 200, undefined]);
    return body.data.result as { metric: Record<string, string>; value: [number, string] }[];
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

test('a real Prometheus reads it all, and every panel of the dashboard has something to show', async ({
  skip,
}) => {
  if (!isThere('prometheus')) skip('prometheus is not installed: apt-get install prometheus');
  const { url } = await testDatabase();
  const settings = { DATABASE_URL: url, TOCSIN_METRICS_PORT: '0', TOCSIN_WORKERS: '2' };
  const server = startProcess(dataFolder(), settings);
  const desk = administratorOf(await server.listening);
  const query = await startPrometheus((await metricsUrlOf(server)).host);
  const work = async (): Promise<void> => {
    for (let n = 0; n < 4; n += 1) await desk('/tickets', { json: { title: 'x' } });
    await desk('/tickets/999999');
  };
  const numberOf = async (expression: string): Promise<number> =>
    Number((await query(expression))[0]?.value[1] ?? Number.NaN);
  await work();
  await expect.poll(() => numberOf('up{job="tocsin"}'), patience).toBe(1);
  await expect.poll(() => numberOf('tocsin_database_pool_max'), patience).toBe(20);
  await expect
    .poll(async () => {
      await work();
      const missing = [];
      for (const { title, targets } of dashboard.panels)
        for (const { expr } of targets) {
          const asked = expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(job|instance)/g, '.*');
          if ((await query(asked)).length === 0) missing.push([title, expr]);
        }
      return missing;
    }, patience)
    .toEqual([]);
  expect((await query('ALERTS{alertname="TocsinDatabaseAway"}')).length).toBe(0);
  expect(await numberOf('tocsin_database_up')).toBe(1);
});
