/** Computes hashes: of an image that was stored before hashes were, and of any file. */
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
  const hash = await digestOf(storage, file);
  await query(em).updateTable('images').set({ hash }).where('id', '=', id).execute();
  return hash;
}

/**
 * Returns the SHA-256 of a stored file, in hexadecimal digits.
 * @throws NOT_FOUND if it is gone
 */
export async function digestOf(storage: Storage, key: string): Promise<string> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of await storage.read(key)) digest.update(chunk as Buffer);
  } catch (error) {
    throw error instanceof MissingFileError ? notFound('file') : error;
  }
  return digest.digest('hex');
}
