/** Files that a user may give to a workflow: those of results, and uploads. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { validate as isUuid } from 'uuid';
import type { Viewer } from '../accounts/viewer.js';
import { query } from '../db/query.js';
import { conflict, forbidden, notFound } from '../graphql/errors.js';
import type { MediaKind } from './media/media-types.js';
import { type ImageRow, type OutputFileRow, readFile, readImage } from './result-rows.js';
import { kindOf } from './uploads/media-types.js';
import { readUpload, type UploadRow } from './uploads/upload-rows.js';

export type OwnFile = {
  /** The storage key. */
  file: string;
  kind: MediaKind;
  contentType: string;
  byteSize: number;
  /** In pixels; null unless it is an image. */
  width: number | null;
  height: number | null;
};

/**
 * Finds the file behind the id of an image, a file of a result, or an upload. An upload counts as used, and expires a day later.
 * @throws NOT_FOUND for an unknown, malformed or expired id, FORBIDDEN for another user's, CONFLICT for an upload that is not filled
 */
export async function requireOwnFile(em: SqlEntityManager, viewer: Viewer, id: string): Promise<OwnFile> {
  if (!isUuid(id)) throw notFound('file or upload');
  const image = await readImage(em, id);
  const made = image ?? (await readFile(em, id));
  const upload = made ? undefined : await readUpload(em, id);
  const found = made ?? upload;
  if (!found) throw notFound('file or upload');
  if (found.userId !== viewer.id) throw forbidden('This file belongs to another user');
  const { file, contentType, byteSize } = found;
  if (file === null) throw conflict('This upload is not filled yet: PUT its file to its URL');
  if (upload) await keepUsed(em, upload);
  const { width, height } = image ?? upload ?? NO_SIZE;
  return { file, kind: kindOfFound(found), contentType, byteSize, width, height };
}

const NO_SIZE = { width: null, height: null };

function kindOfFound(found: ImageRow | OutputFileRow | UploadRow): MediaKind {
  if ('kind' in found) return found.kind;
  return 'thumbHash' in found ? 'IMAGE' : kindOf(found.contentType);
}

/** Writes at most once an hour. */
async function keepUsed(em: SqlEntityManager, { id }: UploadRow): Promise<void> {
  await query(em)
    .updateTable('uploads')
    .set({ expires_at: sql`now() + interval '1 day'` })
    .where('id', '=', id)
    .where('expires_at', '<', sql<string>`now() + interval '23 hours'`)
    .execute();
}
