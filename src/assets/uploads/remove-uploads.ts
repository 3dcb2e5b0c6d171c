/** Removes uploads: a deleted one, expired ones, and those of deleted accounts. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type RawBuilder, sql } from 'kysely';
import type { Viewer } from '../../accounts/viewer.js';
import { anyOf, query } from '../../db/query.js';
import type { Storage } from '../../storage/storage.js';
import { lockUploadsOf, requireOwnUpload } from './upload-rows.js';

type RemoveServices = { em: SqlEntityManager; storage: Storage };

/** Generations that used it keep their copies. @throws NOT_FOUND, FORBIDDEN */
export async function deleteUpload(viewer: Viewer, id: string, services: RemoveServices): Promise<string> {
  const upload = await requireOwnUpload(services.em, viewer, id);
  await remove(services, viewer.id, sql`id = ${upload.id}`);
  return upload.id;
}

const IS_UNUSED = sql<boolean>`(expires_at <= now()
  or exists (select from users where users.id = uploads.user_id and users.deleted_at is not null))`;

/** Removes expired uploads, and all uploads of deleted accounts. */
export async function removeUnusedUploads(services: RemoveServices): Promise<void> {
  const owners = await query(services.em).selectFrom('uploads').select('user_id').distinct().where(IS_UNUSED).execute();
  for (const { user_id } of owners) await remove(services, user_id, IS_UNUSED);
}

async function remove({ em, storage }: RemoveServices, userId: string, which: RawBuilder<boolean>): Promise<void> {
  const files = await em.transactional(async (em) => {
    await lockUploadsOf(em, userId);
    const gone = await query(em)
      .deleteFrom('uploads')
      .where('user_id', '=', userId)
      .where(which)
      .returning('file')
      .execute();
    const removed = new Set(gone.flatMap(({ file }) => file ?? []));
    const shared = await query(em)
      .selectFrom('uploads')
      .select('file')
      .where('user_id', '=', userId)
      .where('file', '=', anyOf([...removed]))
      .execute();
    for (const { file } of shared) if (file !== null) removed.delete(file);
    return removed;
  });
  // After the commit no row names these files, and none will: an upload shares only the file of another row.
  for (const file of files) await storage.remove(file);
}
