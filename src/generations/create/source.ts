/** The source image of a generation. */
import { notFound } from '../../graphql/errors.js';
import { copyKey, MissingFileError, type Storage } from '../../storage/storage.js';

/**
 * Copies the image for the generation, which does not depend on the original then. Returns the storage key of the copy.
 * @throws NOT_FOUND if the original was deleted meanwhile
 */
export async function copySource(storage: Storage, file: string, generationId: string): Promise<string> {
  const content = await storage.read(file).catch((error) => {
    throw error instanceof MissingFileError ? notFound('image or upload') : error;
  });
  const copy = copyKey(file, generationId);
  await storage.save(copy, content);
  return copy;
}
