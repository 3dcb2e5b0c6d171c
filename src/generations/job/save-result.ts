/** Saves the result of a generation with COMPLETED, in one statement. */
import { v7 as uuid } from 'uuid';
import type { SqlRunner } from '../../db/reads.js';
import type { HeldJob } from '../../runner/leases.js';
import { complete, type SavedResult } from '../transitions.js';
import type { StoredPicture } from './fetch-outputs.js';

export const saveResult = (
  statements: SqlRunner,
  job: HeldJob,
  pictures: readonly StoredPicture[],
  executedMs?: number,
): Promise<SavedResult> =>
  complete(
    statements,
    job,
    uuid(),
    pictures.map(({ file, contentType, width, height, byteSize, thumbHash }, position) => {
      return { id: uuid(), position, file, contentType, width, height, byteSize, thumbHash };
    }),
    executedMs,
  );
