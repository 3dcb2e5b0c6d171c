/** Removes uploads: a deleted one, expired ones, and those of deleted accounts. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type RawBuilder, sql } from 'kysely';
import type { Viewer } from '../../accounts/viewer.js';
import { query } from '../../db/query.js';
import type { Storage } from '../../storage/storage.js';
import { deleteUnused } from '../blobs.js';
import { removeFiles } from '../derived.js';
import { lockUploadsOf, requireOwnUpload } from './upload-rows.js';

type RemoveServices = { em: SqlEntityManager; storage: Storage };

/** Generations that used it keep its file. @throws NOT_FOUND, FORBIDDEN */
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
    return await deleteUnused(
      em,
      gone.flatMap(({ file }) => file ?? []),
    );
  });
  await removeFiles(storage, files);
}
