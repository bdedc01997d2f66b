import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import { version } from '../version.ts';

/** How often the loop is looked at; in milliseconds. What it takes beyond that is lag. */
const RESOLUTION_MS = 10;
/** A second scrape within this time is told what the first was told: neither may take the other's peaks away. */
const WINDOW_MS = 5_000;
const quantiles = [0.5, 0.9, 0.99, 1];

/** What this process is and how it fares. */
export function registerProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix: 'tocsin_' });
  // Of several workers the one that was started last: a change says that one was replaced.
  Object.assign(registry.getSingleMetric('tocsin_process_start_time_seconds') ?? {}, { aggregator: 'max' });
  new Gauge({
    name: 'tocsin_build_info',
    help: 'Which version runs on which Node; always 1',
    labelNames: ['version', 'node'],
    registers: [registry],
    aggregator: 'first',
  }).set({ version, node: process.version }, 1);
  registerEventLoop(registry);
}

interface Window {
  readonly until: number;
  /** Seconds, in the order of `quantiles`. */
  readonly lags: readonly number[];
  readonly utilization: number;
}

function registerEventLoop(registry: Registry): void {
  const windowNow = eventLoopWindows();
  new Gauge({
    name: 'tocsin_event_loop_lag_seconds',
    help: 'How late the event loop came round since the last scrape; of several workers the latest',
    labelNames: ['quantile'],
    registers: [registry],
    aggregator: 'max',
    collect() {
      for (const [n, lag] of windowNow().lags.entries()) this.set({ quantile: String(quantiles[n]) }, lag);
    },
  });
  new Gauge({
    name: 'tocsin_event_loop_utilization_ratio',
    help: 'Which part of the time since the last scrape the event loop was busy; of several workers the busiest',
    registers: [registry],
    aggregator: 'max',
    collect() {
      this.set(windowNow().utilization);
    },
  });
}

/** @returns what the event loop did in the last window that has closed */
function eventLoopWindows(): () => Window {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let since = performance.eventLoopUtilization();
  let latest: Window | null = null;
  return () => {
    const now = performance.now();
    if (latest && now < latest.until) return latest;
    const lags = quantiles.map((quantile) => lagOf(delay.percentile(quantile * 100)));
    const { utilization } = performance.eventLoopUtilization(since);
    since = performance.eventLoopUtilization();
    delay.reset();
    latest = { until: now + WINDOW_MS, lags, utilization };
    return latest;
  };
}

const lagOf = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
