/** Computes the hash of an image that was stored before hashes were. */
import { createHash } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { query } from '../db/query.js';
import { notFound } from '../graphql/errors.js';
import { MissingFileError, type Storage } from '../storage/storage.js';
import type { ImageRow } from './result-rows.js';

/** @throws NOT_FOUND if its file is gone */
export async function hashOf(
  { id, file }: ImageRow,
  { em, storage }: { em: SqlEntityManager; storage: Storage },
): Promise<string> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of await storage.read(file)) digest.update(chunk as Buffer);
  } catch (error) {
    throw error instanceof MissingFileError ? notFound('file') : error;
  }
  const hash = digest.digest('hex');
  await query(em).updateTable('images').set({ hash }).where('id', '=', id).execute();
  return hash;
}
