/** Queues a generation: inserting the row enqueues the job. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { v7 as uuid } from 'uuid';
import type { Viewer } from '../../accounts/viewer.js';
import { notFound, unauthenticated } from '../../graphql/errors.js';
import { codeOf } from '../../process/start-error.js';
import type { GenerationRow } from '../generation-rows.js';
import { requireOwnGeneration } from '../ownership.js';
import { type CommandReport, changed } from '../report-change.js';
import type { Draft } from './draft.js';
import type { InputFiles } from './files.js';
import { findEarlier, type IdempotentRequest } from './idempotency.js';
import type { Inserts, NewGeneration } from './inserts.js';
import { type QueueLimits, requireCapacity } from './queue-limits.js';

type QueueRequest = {
  draft: Draft;
  rank: number;
  files: InputFiles;
  /** Told when the generation ends. */
  webhookUrl: string | null;
  request?: IdempotentRequest | undefined;
  /** The id of the generation that this one retries. */
  retryOfId?: string;
};

export type EnqueueServices = CommandReport & {
  em: SqlEntityManager;
  queueLimits: QueueLimits;
  inserts: Inserts;
};

/** @throws UNAUTHENTICATED for a disabled user, QUOTA_EXCEEDED, CONFLICT for the key, NOT_FOUND for a file */
export async function enqueue(
  viewer: Viewer,
  { draft, rank, files, webhookUrl, request, retryOfId }: QueueRequest,
  services: EnqueueServices,
): Promise<GenerationRow> {
  const { queueLimits } = services;
  const id = uuid();
  const generation: NewGeneration = {
    id,
    userId: viewer.id,
    draft,
    rank,
    inputFiles: files,
    webhookUrl,
    idempotencyKey: request?.key ?? null,
    inputHash: request?.inputHash.toString('hex') ?? null,
    retryOfId: retryOfId ?? null,
    maxWaiting: (viewer.role === 'ADMIN' ? queueLimits.admin : queueLimits.user) ?? null,
    maxAllWaiting: queueLimits.all,
  };
  const row = await insertOrFind(viewer, generation, request, services).catch((error) => {
    throw isFileGone(error) ? notFound('file or upload') : error;
  });
  if (row.id === id) changed({ id, userId: viewer.id }, 'created', services);
  return row;
}

/** An input file was deleted meanwhile. */
const isFileGone = (error: unknown): boolean =>
  codeOf(error) === '23503' && (error as { constraint?: string }).constraint === 'generation_inputs_file_foreign';

/** Returns the new generation, or the earlier one with the same idempotency key. */
async function insertOrFind(
  viewer: Viewer,
  generation: NewGeneration,
  request: IdempotentRequest | undefined,
  services: EnqueueServices,
): Promise<GenerationRow> {
  for (;;) {
    const { row, ...state } = await services.inserts.insert(generation);
    if (row) return row;
    if (!state.isEnabled) throw unauthenticated('This account is disabled');
    const earlier = request && (await findEarlier(services.em, viewer.id, request));
    if (earlier) return await requireOwnGeneration(services.em, viewer, earlier);
    requireCapacity(state, generation.maxWaiting, generation.maxAllWaiting);
    // Others of its batch may have taken the last places, or the generation with its key was deleted: the next statement decides.
  }
}
