/** The newest preview frame of each running generation, in the database: any replica can serve it. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';

export type Frame = { contentType: string; bytes: Buffer };

/**
 * SQL: replaces the frame if the fence is current. URLs contain the frame's number, so it must be unique within the generation, also over several
 * attempts. At most one frame arrives per `intervalMs`: the number is the count of intervals since the creation, or the last number plus one.
 */
export const SAVE_PREVIEW = `
  insert into previews (generation_id, number, content_type, frame)
  select id, ceil(extract(epoch from clock_timestamp() - created_at) * 1000 / ?::float8), ?::text, ?::bytea from generations where id = ? and fence = ? and status in ('PROCESSING', 'CANCELING')
  on conflict (generation_id) do update
  set number = greatest(previews.number + 1, excluded.number), content_type = excluded.content_type, frame = excluded.frame`;

export const previewValues = (
  { id, fence }: { id: string; fence: number },
  { contentType, bytes }: Frame,
  intervalMs: number,
): unknown[] => [intervalMs, contentType, bytes, id, fence];

/**
 * Null without a frame: it exists while its generation runs. Undefined for a generation that does not exist or is deleted, and for one of a
 * disabled user.
 */
export async function readPreview(em: SqlEntityManager, id: string): Promise<Frame | null | undefined> {
  const [row] = await em.execute<{ contentType: string; bytes: Buffer | null }[]>(
    `select content_type as "contentType", frame as bytes
     from generations g join users u on u.id = g.user_id and u.disabled_at is null
     left join previews on generation_id = g.id where g.id = ? and g.deleted_at is null`,
    [id],
  );
  return row && (row.bytes ? { contentType: row.contentType, bytes: row.bytes } : null);
}
