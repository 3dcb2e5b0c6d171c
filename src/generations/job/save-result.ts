/** Writes the result and COMPLETED in one transaction, so that neither is visible without the other. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { Image, Result } from '../../assets/result.js';
import type { Job } from '../../runner/leases.js';
import { endPrompt } from '../../runner/prompts.js';
import * as transitions from '../transitions.js';
import { recordDuration } from './eta.js';
import type { StoredPicture } from './fetch-outputs.js';

/** Returns false if the generation has ended otherwise, or another process holds it: then it only ends the prompt. */
export const saveResult = (em: SqlEntityManager, job: Job, pictures: readonly StoredPicture[]): Promise<boolean> =>
  em.transactional(async (em) => {
    const isCompleted = await transitions.complete(em, job);
    await endPrompt(em, job);
    if (!isCompleted) return false;
    await recordDuration(em, job.id);
    const result = em.create(Result, { generationId: job.id });
    pictures.forEach(({ file, contentType, width, height, byteSize, thumbHash }, position) => {
      em.create(Image, { resultId: result.id, position, file, contentType, width, height, byteSize, thumbHash });
    });
    return true;
  });
