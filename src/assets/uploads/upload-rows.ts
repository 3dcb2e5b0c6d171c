/** Reads and changes uploads. An expired upload, or one of a disabled account, does not exist. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import type { Viewer } from '../../accounts/viewer.js';
import { query } from '../../db/query.js';
import type { SqlRunner } from '../../db/reads.js';
import { forbidden, notFound } from '../../graphql/errors.js';
import type { Upload } from './upload.js';

/** `expiresAt` in PostgreSQL's text format. */
export type UploadRow = Pick<
  Upload,
  'id' | 'userId' | 'contentType' | 'byteSize' | 'filename' | 'file' | 'width' | 'height'
> & { expiresAt: string };

/** SQL with the id as its value. */
export const SELECT_UPLOAD = `
  select p.id, p.user_id as "userId", p.content_type as "contentType", p.byte_size as "byteSize", p.filename, p.file, p.width, p.height,
    p.expires_at::text as "expiresAt"
  from uploads p join users u on u.id = p.user_id and u.disabled_at is null where p.id = ? and p.expires_at > now()`;

export async function readUpload(sql: SqlRunner, id: string): Promise<UploadRow | undefined> {
  const [row] = await sql.execute<UploadRow[]>(SELECT_UPLOAD, [id]);
  return row;
}

/** @throws NOT_FOUND for an unknown or malformed id, FORBIDDEN for another user's upload */
export async function requireOwnUpload(em: SqlEntityManager, viewer: Viewer, id: string): Promise<UploadRow> {
  const row = isUuid(id) ? await readUpload(em, id) : undefined;
  if (!row) throw notFound('upload');
  if (row.userId !== viewer.id) throw forbidden('This upload belongs to another user');
  return row;
}

/**
 * Call it in a transaction: the uploads of one account are created, filled and removed one at a time, so that limits are exact and a shared
 * file is removed with its last upload. Returns false for a disabled or deleted account.
 */
export async function lockUploadsOf(em: SqlEntityManager, userId: string): Promise<boolean> {
  const user = await query(em)
    .selectFrom('users')
    .select('disabled_at')
    .where('id', '=', userId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return user?.disabled_at === null;
}
