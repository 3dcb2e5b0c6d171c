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

/** Undefined without a frame: it exists while its generation runs, is not deleted, and its user is enabled. */
export async function readPreview(em: SqlEntityManager, id: string): Promise<Frame | undefined> {
  const [row] = await em.execute<{ contentType: string; bytes: Buffer }[]>(
    `select content_type as "contentType", frame as bytes
     from previews join generations g on g.id = generation_id and g.deleted_at is null
     join users u on u.id = g.user_id and u.disabled_at is null where generation_id = ?`,
    [id],
  );
  return row;
}
