/**
 * Finds the changes since a position. A position is a snapshot of PostgreSQL's transactions: a generation has changed since then if the
 * transaction that last wrote it is not visible in the snapshot. This uses no clock, and misses no transaction that commits late.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlArray } from '../../db/sql-array.js';
import type { ChangeCursor, Position } from './change-cursor.js';
import { IS_KNOWN_EPOCH } from './epochs.js';

/** A query for one user's changes since a position. */
export type ChangeQuery = { userId: string; since: Position };
/** `isNew`: created since that position. */
export type FoundChange = ChangeQuery & { id: string; isNew: boolean };

/** Beyond this many changes the client reads the list again. */
const MAX_RESUMED = 1_000;
/** A longer position is cut to its oldest transaction: some changes are then found twice. */
const MAX_POSITION_LENGTH = 1_000;

const HAS_CHANGED = 'g.changed_in >= pg_snapshot_xmin(l.since) and not pg_visible_in_snapshot(g.changed_in, l.since)';

/** Returns the changes for each query, oldest first, and the position up to which they are complete. */
export async function findChanges(
  em: SqlEntityManager,
  queries: readonly ChangeQuery[],
): Promise<{ position: Position; found: FoundChange[] }> {
  const [row] = await em.execute<{ position: Position; found: FoundChange[] }[]>(
    `select pg_current_snapshot()::text as position, coalesce((
       select json_agg(json_build_object('userId', l.user_id, 'since', l.since::text, 'id', g.id,
         'isNew', not pg_visible_in_snapshot(g.created_in, l.since)) order by g.changed_in)
       from unnest(?::uuid[], ?::pg_snapshot[]) as l (user_id, since)
       join generations g on g.user_id = l.user_id and ${HAS_CHANGED}), '[]') as found`,
    [sqlArray(queries.map(({ userId }) => userId)), sqlArray(queries.map(({ since }) => since))],
  );
  if (!row) throw new Error('PostgreSQL returned no snapshot');
  return { position: shorten(row.position), found: row.found };
}

/** Where a stream resumes. `hasGap`: some changes since the cursor are no longer known. `active`: generations whose progress may have changed. */
export type ResumePoint = { position: Position; hasGap: boolean; active: string[] };

export async function findResumePoint(
  em: SqlEntityManager,
  userId: string,
  { epoch, since }: ChangeCursor,
): Promise<ResumePoint> {
  const [row] = await em.execute<{ now: Position; isWhole: boolean; active: string[] }[]>(
    `select pg_current_snapshot()::text as now,
       ${IS_KNOWN_EPOCH}
       and pg_snapshot_xmax(l.since) <= pg_snapshot_xmax(pg_current_snapshot())
       and not exists (select from forgotten_deletions g where g.user_id = l.user_id and ${HAS_CHANGED})
       and ${MAX_RESUMED} >= (select count(*) from (
         select from generations g where g.user_id = l.user_id and ${HAS_CHANGED} limit ${MAX_RESUMED + 1}) as changed) as "isWhole",
       array(select g.id from prompts p join generations g on g.id = p.generation_id
         where g.user_id = l.user_id and p.ended_at is null and p.progress is not null) as active
     from (select ?::uuid as user_id, ?::pg_snapshot as since) as l`,
    [epoch, userId, since],
  );
  if (!row) throw new Error('PostgreSQL returned no snapshot');
  return { position: row.isWhole ? since : shorten(row.now), hasGap: !row.isWhole, active: row.active };
}

function shorten(position: Position): Position {
  if (position.length <= MAX_POSITION_LENGTH) return position;
  const [oldest] = position.split(':');
  return `${oldest}:${oldest}:`;
}
