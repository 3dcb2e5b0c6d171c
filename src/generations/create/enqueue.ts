/** Queues a generation: inserting the row enqueues the job. One insert at a time per user makes the idempotency check exact. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { v7 as uuid } from 'uuid';
import { requireEnabled } from '../../accounts/disable-user.js';
import type { Viewer } from '../../accounts/viewer.js';
import { Refusal } from '../../graphql/errors.js';
import { lockTurn } from '../../runner/turns.js';
import type { Storage } from '../../storage/storage.js';
import { Generation } from '../generation.js';
import type { GenerationRow } from '../generation-rows.js';
import { requireOwnGeneration } from '../ownership.js';
import { type CommandReport, changed } from '../report-change.js';
import type { Draft } from './draft.js';
import { findEarlier, type IdempotentRequest } from './idempotency.js';
import { type QueueLimits, requireCapacity } from './queue-limits.js';
import { copySource } from './source.js';

type NewGeneration = {
  draft: Draft;
  rank: number;
  /** The storage key of the source image; the generation gets a copy. */
  source?: string | undefined;
  request?: IdempotentRequest | undefined;
  /** The id of the generation that this one retries. */
  retryOfId?: string;
};

/** `isNew` is false for an earlier generation with the same idempotency key. */
type EnqueueResult = { id: string; isNew: boolean };

export type EnqueueServices = CommandReport & { em: SqlEntityManager; storage: Storage; queueLimits: QueueLimits };

/** @throws UNAUTHENTICATED for a disabled user, QUOTA_EXCEEDED, CONFLICT for the key, NOT_FOUND for the source */
export async function enqueue(
  viewer: Viewer,
  newGeneration: NewGeneration,
  services: EnqueueServices,
): Promise<GenerationRow> {
  const { em, storage, queueLimits } = services;
  const { draft, rank, source, request, retryOfId = null } = newGeneration;
  const id = uuid();
  // Before the lock, which blocks claims of this user's jobs too.
  const sourceFile = source === undefined ? null : await copySource(storage, source, id);
  const result = await em
    .transactional(async (em): Promise<EnqueueResult> => {
      await requireEnabled(em, viewer.id);
      const waiting = await lockTurn(em, viewer.id);
      const earlier = request && (await findEarlier(em, viewer.id, request));
      if (earlier) return { id: earlier, isNew: false };
      await requireCapacity(em, viewer, waiting, queueLimits);
      em.create(Generation, {
        ...draft,
        id,
        userId: viewer.id,
        rank,
        sourceFile,
        idempotencyKey: request?.key ?? null,
        inputHash: request?.inputHash ?? null,
        retryOfId,
      });
      return { id, isNew: true };
    })
    .catch(async (error) => {
      // After any other error the row may be committed: the copy stays.
      if (error instanceof Refusal && sourceFile !== null) await storage.removeAll(id);
      throw error;
    });
  if (!result.isNew && sourceFile !== null) await storage.removeAll(id);
  if (result.isNew) changed({ id, userId: viewer.id }, 'created', services);
  return await requireOwnGeneration(em, viewer, result.id);
}
