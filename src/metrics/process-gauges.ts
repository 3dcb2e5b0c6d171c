/** What this process holds at the moment of a scrape. */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export type ProcessSources = {
  pool: pg.Pool;
  /** Open WebSockets and event streams. */
  connections: () => number;
  eventStreams: () => number;
  /** Requests to /graphql, and uploads. */
  requests: () => number;
  /** Subscriptions that receive live updates. */
  subscribers: () => number;
};

/** The relative path is the same from `src` and from `dist`. */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export function addProcessGauges(registry: Registry, sources: ProcessSources): void {
  const { pool, connections, eventStreams, requests, subscribers } = sources;
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `comfygraph_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  const gauges = (name: string, help: string, label: string, reads: Record<string, () => number>) =>
    new Gauge({
      name: `comfygraph_${name}`,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        for (const [value, read] of Object.entries(reads)) this.set({ [label]: value }, read());
      },
    });
  gauges('info', 'The version of ComfyGraph; always 1.', 'version', { [version]: () => 1 });
  gauge('connections', 'Open WebSockets and event streams.', connections);
  gauge('event_streams', 'Open event streams.', eventStreams);
  gauge('requests_running', 'Requests to /graphql, and uploads, that have not ended.', requests);
  gauge('subscribers', 'Subscriptions that receive live updates.', subscribers);
  gauges('database_connections', 'Connections of the pool: open, idle, and how many it may open (max).', 'state', {
    open: () => pool.totalCount,
    idle: () => pool.idleCount,
    max: () => pool.options.max,
  });
  gauge('database_pool_waiting', 'Statements that wait for a connection of the pool.', () => pool.waitingCount);
}

let ofNode: Registry | undefined;

/** CPU, memory, event loop lag and garbage collection of Node. Its observers end with the process, so they are created once. */
export function nodeRegistry(): Registry {
  if (ofNode) return ofNode;
  ofNode = new Registry();
  collectDefaultMetrics({ register: ofNode });
  return ofNode;
}
