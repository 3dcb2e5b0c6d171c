/** Describes the machine, as far as a reader needs it to compare: no names. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { describePostgres } from '../postgres/postgres.mjs';

export async function describeMachine() {
  const { version, fsync } = await describePostgres();
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model.trim() || 'unknown';
  return [
    `${availableParallelism()} cores (${model}), ${memory} GiB of memory, ${process.platform} ${process.arch}`,
    `Node ${process.versions.node}, PostgreSQL ${version} on disk with fsync ${fsync}`,
    `load average at the start ${loadavg()[0].toFixed(1)}`,
  ].join('; ');
}
