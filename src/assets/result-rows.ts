/** Reads results and images as plain rows, with their owner. Rows of deleted generations and of disabled accounts are not returned. */
import type { SqlRunner } from '../db/reads.js';
import { sqlArray } from '../db/sql-array.js';
import type { Image, Result } from './result.js';

type OwnImageRow = Pick<
  Image,
  'id' | 'resultId' | 'position' | 'file' | 'contentType' | 'width' | 'height' | 'byteSize' | 'thumbHash'
>;
/** What results and images take from their generation: the owner, and what file names are built from. */
type Origin = { userId: string; prompt: string; workflowName: string };
export type ImageRow = OwnImageRow & Origin;

/** A result without what it takes from its generation. `createdAt` in PostgreSQL's text format, images in the order of their creation. */
export type OwnResultRow = Pick<Result, 'id' | 'generationId'> & { createdAt: string; images: OwnImageRow[] };
export type ResultRow = OwnResultRow & Origin;

const IMAGE_COLUMNS = `i.id, i.result_id as "resultId", i.position, i.file, i.content_type as "contentType", i.width, i.height,
  i.byte_size as "byteSize", i.thumb_hash as "thumbHash"`;
const RESULT_COLUMNS = `r.id, r.generation_id as "generationId", r.created_at::text as "createdAt", coalesce((
  select json_agg(i) from (select ${IMAGE_COLUMNS} from images i where i.result_id = r.id order by i.position) i), '[]') as images`;
const ORIGIN_COLUMNS = `g.user_id as "userId", g.prompt, g.workflow_name as "workflowName"`;
const JOINED = `join generations g on g.id = r.generation_id and g.deleted_at is null
  join users u on u.id = g.user_id and u.disabled_at is null`;
const SELECT_RESULTS = `select ${RESULT_COLUMNS}, ${ORIGIN_COLUMNS} from results r ${JOINED}`;

/** SQL: the result of the generation `g` as JSON, an `OwnResultRow`; null where there is none. */
export const RESULT_AS_JSON = `(select row_to_json(r) from (
  select ${RESULT_COLUMNS} from results r join users u on u.id = g.user_id and u.disabled_at is null
  where r.generation_id = g.id and g.deleted_at is null) r)`;

/** SQL with the id as its value. */
export const SELECT_RESULT = `${SELECT_RESULTS} where r.id = ?`;
export const SELECT_IMAGE = `select ${IMAGE_COLUMNS}, ${ORIGIN_COLUMNS}
  from images i join results r on r.id = i.result_id ${JOINED} where i.id = ?`;

export const readResultsOf = (sql: SqlRunner, generationIds: readonly string[]): Promise<ResultRow[]> =>
  sql.execute(`${SELECT_RESULTS} where r.generation_id = any(?::uuid[])`, [sqlArray(generationIds)]);

export async function readImage(sql: SqlRunner, id: string): Promise<ImageRow | undefined> {
  const [row] = await sql.execute<ImageRow[]>(SELECT_IMAGE, [id]);
  return row;
}
