/** Statements on shares, and what a share shows of its generation. */
import type { SqlRunner } from '../../db/reads.js';
import { sqlArray } from '../../db/sql-array.js';
import {
  FILE_COLUMNS,
  IMAGE_COLUMNS,
  type ImageRow,
  type OutputFileRow,
  type OwnResultRow,
  RESULT_COLUMNS,
} from '../result-rows.js';

/** Timestamps in PostgreSQL's text format. */
export type ShareRow = { id: string; generationId: string; createdAt: string; expiresAt: string | null };

/** A share with what it shows. `createdAt` is that of the generation. */
export type SharedRow = Pick<OwnResultRow, 'images' | 'files' | 'texts'> & {
  shareId: string;
  prompt: string;
  modelName: string | null;
  createdAt: string;
  expiresAt: string | null;
};

const SHARE_COLUMNS = `s.id, s.generation_id as "generationId", s.created_at::text as "createdAt", s.expires_at::text as "expiresAt"`;

/** Each request asks whether the share is still there: it ends at once. */
const LIVE = `shares s
  join generations g on g.id = s.generation_id and g.deleted_at is null
  join users u on u.id = g.user_id and u.disabled_at is null
  join results r on r.generation_id = g.id`;
const IS_LIVE = 's.id = ? and (s.expires_at is null or s.expires_at > now())';
/** File names are made of the prompt. The name of a workflow is the owner's. */
const ORIGIN = `g.user_id as "userId", g.prompt, 'shared' as "workflowName"`;

/** SQL: creates the share of the generations `source` selects, or sets its expiry. Values: the id of a new share, the expiry. */
export const saveShare = (source: string): string => `
  insert into shares (id, generation_id, expires_at) select ?::uuid, id, ?::timestamptz from ${source}
  on conflict (generation_id) do update set expires_at = excluded.expires_at`;

export const readSharesOf = (sql: SqlRunner, generationIds: readonly string[]): Promise<ShareRow[]> =>
  sql.execute(`select ${SHARE_COLUMNS} from shares s where s.generation_id = any(?::uuid[])`, [
    sqlArray(generationIds),
  ]);

/** Undefined for a share that has ended. */
export async function readShared(sql: SqlRunner, shareId: string): Promise<SharedRow | undefined> {
  const [row] = await sql.execute<SharedRow[]>(
    `select ${RESULT_COLUMNS}, s.id as "shareId", g.prompt, g.created_at::text as "createdAt", s.expires_at::text as "expiresAt",
       (select m.name from models m where m.id = g.model_id) as "modelName"
     from ${LIVE} where ${IS_LIVE}`,
    [shareId],
  );
  return row;
}

/** Undefined for an image of another generation, and for a share that has ended. */
export async function readSharedImage(sql: SqlRunner, shareId: string, id: string): Promise<ImageRow | undefined> {
  const [row] = await sql.execute<ImageRow[]>(
    `select ${IMAGE_COLUMNS}, ${ORIGIN} from ${LIVE} join images i on i.result_id = r.id where ${IS_LIVE} and i.id = ?`,
    [shareId, id],
  );
  return row;
}

/** As `readSharedImage`. */
export async function readSharedFile(sql: SqlRunner, shareId: string, id: string): Promise<OutputFileRow | undefined> {
  const [row] = await sql.execute<OutputFileRow[]>(
    `select ${FILE_COLUMNS}, ${ORIGIN} from ${LIVE} join files f on f.result_id = r.id where ${IS_LIVE} and f.id = ?`,
    [shareId, id],
  );
  return row;
}
