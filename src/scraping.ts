/** What `/metrics` returns and to whom; undefined without METRICS_TOKEN, when nothing but counters exists. */
import type { Backends } from './backends/backends.js';
import type { Updates } from './generations/live/updates.js';
import type { ConcurrencyLimit } from './limits/concurrency-limit.js';
import { createScrape, type Scrape } from './metrics/scrape.js';
import type { Streams } from './server/sse/sse.js';
import type { openStores, Start } from './stores.js';

type Parts = {
  stores: Pick<Awaited<ReturnType<typeof openStores>>, 'pool' | 'reads'>;
  backends: Backends;
  updates: Updates;
  streams: Streams;
  /** Open sockets and streams. */
  connections: ConcurrencyLimit;
  requests: ConcurrencyLimit;
};

export function createScraping(
  { config, metrics }: Pick<Start, 'config' | 'metrics'>,
  { stores, backends, updates, streams, connections, requests }: Parts,
): { token: string; scrape: Scrape } | undefined {
  const { metricsToken: token, dataDir } = config;
  if (token === undefined) return undefined;
  const scrape = createScrape(metrics, {
    pool: stores.pool,
    reads: stores.reads,
    dataDir,
    backendIds: () => backends.ids(),
    connections: () => connections.total,
    eventStreams: () => streams.size,
    requests: () => requests.total,
    subscribers: () => updates.size,
  });
  return { token, scrape };
}
