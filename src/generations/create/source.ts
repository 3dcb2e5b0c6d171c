/** The picture that a generation starts from. */
import { notFound } from '../../graphql/errors.js';
import type { Storage } from '../../storage/storage.js';

/**
 * A copy of the generation's own, so that deleting the original takes nothing from it. Answers its key.
 * @throws NOT_FOUND where the original was deleted meanwhile
 */
export async function copySource(storage: Storage, file: string, generationId: string): Promise<string> {
  const bytes = await storage.read(file).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? notFound('image') : error;
  });
  return await storage.save(generationId, bytes, file.slice(file.lastIndexOf('.') + 1));
}
