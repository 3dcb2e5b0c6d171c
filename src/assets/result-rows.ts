/**
 * Reads results, their images and their files as plain rows, with their owner. Rows of deleted generations and of disabled accounts are not
 * returned.
 */
import type { SqlRunner } from '../db/reads.js';
import { sqlArray } from '../db/sql-array.js';
import type { Image } from './image.js';
import type { OutputFile } from './output-file.js';
import type { Result } from './result.js';

type OwnImageRow = Pick<
  Image,
  | 'id'
  | 'resultId'
  | 'position'
  | 'file'
  | 'contentType'
  | 'width'
  | 'height'
  | 'byteSize'
  | 'thumbHash'
  | 'isAnimated'
  | 'hash'
  | 'output'
>;
type OwnFileRow = Pick<
  OutputFile,
  | 'id'
  | 'resultId'
  | 'position'
  | 'kind'
  | 'file'
  | 'contentType'
  | 'byteSize'
  | 'hash'
  | 'width'
  | 'height'
  | 'duration'
  | 'poster'
  | 'output'
>;
/** What results and their files take from their generation: the owner, and what file names are built from. */
type Origin = { userId: string; prompt: string; workflowName: string };
export type ImageRow = OwnImageRow & Origin;
export type OutputFileRow = OwnFileRow & Origin;

/** A result without what it takes from its generation. `createdAt` in PostgreSQL's text format; images and files in their order. */
export type OwnResultRow = Pick<Result, 'id' | 'generationId' | 'texts' | 'problems'> & {
  createdAt: string;
  images: OwnImageRow[];
  files: OwnFileRow[];
};
export type ResultRow = OwnResultRow & Origin;

/** SQL that names the image `i`, the file `f`, the result `r` and the generation `g`. */
export const IMAGE_COLUMNS = `i.id, i.result_id as "resultId", i.position, i.file, i.content_type as "contentType", i.width, i.height,
  i.byte_size::float8 as "byteSize", i.thumb_hash as "thumbHash", i.is_animated as "isAnimated", i.hash, i.output`;
export const FILE_COLUMNS = `f.id, f.result_id as "resultId", f.position, f.kind, f.file, f.content_type as "contentType", f.byte_size::float8 as "byteSize",
  f.hash, f.width, f.height, f.duration, f.poster, f.output`;
export const RESULT_COLUMNS = `r.id, r.generation_id as "generationId", r.created_at::text as "createdAt", r.texts, r.problems,
  coalesce((select json_agg(i) from (select ${IMAGE_COLUMNS} from images i where i.result_id = r.id order by i.position) i), '[]') as images,
  coalesce((select json_agg(f) from (select ${FILE_COLUMNS} from files f where f.result_id = r.id order by f.position) f), '[]') as files`;
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
export const SELECT_FILE = `select ${FILE_COLUMNS}, ${ORIGIN_COLUMNS}
  from files f join results r on r.id = f.result_id ${JOINED} where f.id = ?`;

export const readResultsOf = (sql: SqlRunner, generationIds: readonly string[]): Promise<ResultRow[]> =>
  sql.execute(`${SELECT_RESULTS} where r.generation_id = any(?::uuid[])`, [sqlArray(generationIds)]);

export async function readResult(sql: SqlRunner, id: string): Promise<ResultRow | undefined> {
  const [row] = await sql.execute<ResultRow[]>(SELECT_RESULT, [id]);
  return row;
}

export async function readImage(sql: SqlRunner, id: string): Promise<ImageRow | undefined> {
  const [row] = await sql.execute<ImageRow[]>(SELECT_IMAGE, [id]);
  return row;
}

export async function readFile(sql: SqlRunner, id: string): Promise<OutputFileRow | undefined> {
  const [row] = await sql.execute<OutputFileRow[]>(SELECT_FILE, [id]);
  return row;
}
