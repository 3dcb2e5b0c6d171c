/** DataLoaders of generations: batch the reads of a list. Created for each operation and each event of a subscription. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import DataLoader from 'dataloader';
import { readUsers, type UserRow } from '../../accounts/user-rows.js';
import { type ResultRow, readResultsOf } from '../../assets/result-rows.js';
import { readSharesOf, type ShareRow } from '../../assets/shares/share-rows.js';
import { Backend } from '../../backends/backend.js';
import { type ModelRow, readModels } from '../../backends/model-rows.js';
import type { Reads } from '../../db/reads.js';
import { readQueuePositions } from '../../runner/queue-order.js';
import type { Workflow } from '../../workflows/workflow.js';
import type { RecordedWorkflow, Workflows } from '../../workflows/workflows.js';
import { type GenerationRow, readGenerations, readLastBackends } from '../generation-rows.js';
import { readWaitReasons, type WaitReason, type WaitReasonServices, waitReasonOf } from '../live/wait-reason.js';

export const createLoaders = (
  em: SqlEntityManager,
  reads: Reads,
  services: WaitReasonServices & { workflows: Workflows },
) => ({
  users: byId((ids): Promise<UserRow[]> => readUsers(reads, ids)),
  models: byId((ids): Promise<ModelRow[]> => readModels(reads, ids)),
  generations: byId((ids): Promise<GenerationRow[]> => readGenerations(reads, ids)),

  workflows: new DataLoader<RecordedWorkflow, Workflow, string>(
    async (records) => {
      const found = await services.workflows.findRecorded(records);
      return records.map(
        ({ name, version }, index) => found[index] ?? new Error(`No workflow is named ${name}, version ${version}`),
      );
    },
    { cacheKeyFn: ({ id, name, version }) => id ?? `${version} ${name}` },
  ),

  /** Null for a deleted generation, with or without its row. */
  visibleGenerations: new DataLoader<string, GenerationRow | null>(async (ids) => {
    const rows = await readGenerations(reads, ids);
    const found = new Map(rows.filter(({ deletedAt }) => deletedAt === null).map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  }),

  queuePositions: new DataLoader<string, number>(async (ids) => {
    const positions = await readQueuePositions(reads, ids);
    return ids.map((id) => positions.get(id) ?? 0);
  }),

  /** Keyed by the row. */
  waitReasons: new DataLoader<GenerationRow, WaitReason | null, string>(
    async (rows) => {
      const ids = rows.map(({ id }) => id);
      const reasons = await readWaitReasons(reads, ids, services);
      return rows.map((row) => waitReasonOf(row, reasons));
    },
    { cacheKeyFn: ({ id }) => id },
  ),

  /** The last backend of a generation; null if it had none. */
  backends: new DataLoader<string, Backend | null>(async (generationIds) => {
    const last = await readLastBackends(reads, generationIds);
    const found = await em.find(Backend, { id: { $in: [...new Set(last.values())] } });
    const byId = new Map(found.map((backend) => [backend.id, backend]));
    return generationIds.map((id) => byId.get(last.get(id) ?? '') ?? null);
  }),

  /** Keyed by generation; null if it is not shared. */
  shares: new DataLoader<string, ShareRow | null>(async (generationIds) => {
    const found = new Map((await readSharesOf(reads, generationIds)).map((row) => [row.generationId, row]));
    return generationIds.map((id) => found.get(id) ?? null);
  }),

  /** Keyed by generation; null if there is no result. */
  results: new DataLoader<string, ResultRow | null>(async (generationIds) => {
    const rows = await readResultsOf(reads, generationIds);
    const found = new Map(rows.map((row) => [row.generationId, row]));
    return generationIds.map((id) => found.get(id) ?? null);
  }),
});

export type Loaders = ReturnType<typeof createLoaders>;

/** A loader of rows that must exist: a missing row is an internal error. */
const byId = <Row extends { id: string }>(read: (ids: readonly string[]) => Promise<Row[]>) =>
  new DataLoader<string, Row>(async (ids) => {
    const found = new Map((await read(ids)).map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? new Error(`No row has the id ${id}`));
  });
