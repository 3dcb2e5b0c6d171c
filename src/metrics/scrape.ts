/** What Prometheus receives: the counts of this process, what it holds now, and what all servers share. */
import { Registry } from 'prom-client';
import type { SqlRunner } from '../db/reads.js';
import type { Metrics } from './metrics.js';
import { addProcessGauges, nodeRegistry, type ProcessSources } from './process-gauges.js';
import { SharedGauges } from './shared-gauges.js';
import { StorageGauges } from './storage-gauges.js';

/** In Prometheus's text format. */
export type Scrape = { contentType: string; read(): Promise<string> };

export type ScrapeSources = ProcessSources & {
  reads: SqlRunner;
  backendIds: () => readonly string[];
  dataDir: string;
};

export function createScrape(metrics: Metrics, sources: ScrapeSources): Scrape {
  const gauges = new Registry();
  const shared = new SharedGauges(gauges, sources.reads, sources.backendIds);
  const storage = new StorageGauges(gauges, sources.reads, sources.dataDir);
  addProcessGauges(gauges, sources);
  const registries = [metrics.registry, gauges, nodeRegistry()];
  return {
    contentType: gauges.contentType,
    async read() {
      storage.refresh();
      await shared.refresh();
      return (await Promise.all(registries.map((each) => each.metrics()))).join('\n');
    },
  };
}
