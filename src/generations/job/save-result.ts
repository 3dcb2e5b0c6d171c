/** Writes the result and COMPLETED in one transaction, so that neither is ever seen without the other. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { Image, Result } from '../../assets/result.js';
import type { Job } from '../../runner/leases.js';
import { endPrompt } from '../../runner/prompts.js';
import * as transitions from '../transitions.js';
import { recordDuration } from './eta.js';
import type { KeptPicture } from './fetch-outputs.js';

/** False when the generation was ended otherwise, or is no longer ours: then nothing is written but the prompt's end. */
export const saveResult = (em: SqlEntityManager, job: Job, pictures: readonly KeptPicture[]): Promise<boolean> =>
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
