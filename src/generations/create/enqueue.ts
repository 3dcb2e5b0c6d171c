/** Queues a generation: the row is the job. One at a time for each user, so that whether there is one already is exact. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { v7 as uuid } from 'uuid';
import { requireEnabled } from '../../accounts/disable-user.js';
import type { Viewer } from '../../accounts/viewer.js';
import { Refusal } from '../../graphql/errors.js';
import type { Storage } from '../../storage/storage.js';
import { Generation } from '../generation.js';
import type { Draft } from './draft.js';
import { findEarlier, type Request } from './idempotency.js';
import { lockTurn, type QueueLimits, requirePlace } from './queue-limits.js';
import { copySource } from './source.js';

export type Wish = {
  draft: Draft;
  rank: number;
  /** The key of the picture to start from, to be copied. */
  source?: string | undefined;
  request?: Request | undefined;
  /** The generation that this one tries again. */
  retryOfId?: string;
};

/** False for `isNew`: it was asked for before, under the same key. */
export type Queued = { id: string; isNew: boolean };

export type QueueServices = { em: SqlEntityManager; storage: Storage; queueLimits: QueueLimits };

/** @throws UNAUTHENTICATED for whom an admin has just kept out, QUOTA_EXCEEDED, CONFLICT for the key, NOT_FOUND for the source */
export async function enqueue(
  viewer: Viewer,
  wish: Wish,
  { em, storage, queueLimits }: QueueServices,
): Promise<Queued> {
  const id = uuid();
  // Before the lock: whoever gives this user's jobs to backends waits for that, too.
  const sourceFile = wish.source === undefined ? null : await copySource(storage, wish.source, id);
  const queued = await em
    .transactional(async (em): Promise<Queued> => {
      await requireEnabled(em, viewer.id);
      const waiting = await lockTurn(em, viewer.id);
      const earlier = wish.request && (await findEarlier(em, viewer.id, wish.request));
      if (earlier) return { id: earlier, isNew: false };
      await requirePlace(em, viewer, waiting, queueLimits);
      em.create(Generation, {
        ...wish.draft,
        id,
        userId: viewer.id,
        rank: wish.rank,
        sourceFile,
        idempotencyKey: wish.request?.key ?? null,
        inputHash: wish.request?.inputHash ?? null,
        retryOfId: wish.retryOfId ?? null,
      });
      return { id, isNew: true };
    })
    .catch((error) => {
      // Anything else may have been thrown after PostgreSQL had it.
      if (error instanceof Refusal) return error;
      throw error;
    });
  if (sourceFile !== null && (queued instanceof Refusal || !queued.isNew)) await storage.removeAll(id);
  if (queued instanceof Refusal) throw queued;
  return queued;
}
