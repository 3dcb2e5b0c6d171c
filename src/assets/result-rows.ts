/** Reads results and images as plain rows, with their owner. Rows of deleted generations and of disabled accounts are not returned. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlArray } from '../db/sql-array.js';
import type { Image, Result } from './result.js';

/** `createdAt` in PostgreSQL's text format. */
export type ResultRow = Pick<Result, 'id' | 'generationId'> & { createdAt: string; userId: string };
/** With the columns that its file name is built from. */
export type ImageRow = Pick<
  Image,
  'id' | 'resultId' | 'position' | 'file' | 'contentType' | 'width' | 'height' | 'byteSize' | 'thumbHash'
> & { userId: string; prompt: string; workflowName: string };

const RESULT_COLUMNS = `r.id, r.generation_id as "generationId", r.created_at::text as "createdAt", g.user_id as "userId"`;
const IMAGE_COLUMNS = `i.id, i.result_id as "resultId", i.position, i.file, i.content_type as "contentType", i.width, i.height,
  i.byte_size as "byteSize", i.thumb_hash as "thumbHash", g.user_id as "userId",
  g.prompt, g.workflow_name as "workflowName"`;
const FROM_RESULTS = `from results r join generations g on g.id = r.generation_id and g.deleted_at is null
  join users u on u.id = g.user_id and u.disabled_at is null`;
const FROM_IMAGES = `${FROM_RESULTS} join images i on i.result_id = r.id`;

export async function readResult(em: SqlEntityManager, id: string): Promise<ResultRow | undefined> {
  const [row] = await em.execute<ResultRow[]>(`select ${RESULT_COLUMNS} ${FROM_RESULTS} where r.id = ?`, [id]);
  return row;
}

export async function readImage(em: SqlEntityManager, id: string): Promise<ImageRow | undefined> {
  const [row] = await em.execute<ImageRow[]>(`select ${IMAGE_COLUMNS} ${FROM_IMAGES} where i.id = ?`, [id]);
  return row;
}

export const readResultsOf = (em: SqlEntityManager, generationIds: readonly string[]): Promise<ResultRow[]> =>
  em.execute(`select ${RESULT_COLUMNS} ${FROM_RESULTS} where r.generation_id = any(?::uuid[])`, [
    sqlArray(generationIds),
  ]);

/** In the order of creation. */
export const readImagesOf = (em: SqlEntityManager, resultIds: readonly string[]): Promise<ImageRow[]> =>
  em.execute(`select ${IMAGE_COLUMNS} ${FROM_IMAGES} where r.id = any(?::uuid[]) order by r.id, i.position`, [
    sqlArray(resultIds),
  ]);
