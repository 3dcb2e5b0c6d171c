/**
 * What has changed since a position. A position is a snapshot of PostgreSQL's transactions: a generation has changed since then if the
 * transaction that last wrote it is not visible in the snapshot. No clock is involved, and no commit can slip in behind it.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { ChangeCursor, Position } from './change-cursor.js';
import { IS_KNOWN_EPOCH } from './epochs.js';

/** A user whose changes since a position are wanted. */
export type Look = { userId: string; since: Position };
/** `isNew`: created since that position. */
export type Found = Look & { id: string; isNew: boolean };

/** With more changes the list is read anew. */
const MAX_RESUMED = 1_000;
/** A position with more transactions under way than that keeps only the oldest: some changes are found twice then. */
const MAX_LENGTH = 1_000;

const HAS_CHANGED = 'g.changed_in >= pg_snapshot_xmin(l.since) and not pg_visible_in_snapshot(g.changed_in, l.since)';

/** Everything that has changed for each look, oldest change first, and the position up to which that is complete. */
export async function findChanges(
  em: SqlEntityManager,
  looks: readonly Look[],
): Promise<{ position: Position; found: Found[] }> {
  const [row] = await em.execute<{ position: Position; found: Found[] }[]>(
    `select pg_current_snapshot()::text as position, coalesce((
       select json_agg(json_build_object('userId', l.user_id, 'since', l.since::text, 'id', g.id,
         'isNew', not pg_visible_in_snapshot(g.created_in, l.since)) order by g.changed_in)
       from unnest(?::uuid[], ?::pg_snapshot[]) as l (user_id, since)
       join generations g on g.user_id = l.user_id and ${HAS_CHANGED}), '[]') as found`,
    [`{${looks.map(({ userId }) => userId).join()}}`, `{${looks.map(({ since }) => `"${since}"`).join()}}`],
  );
  return { position: shortened(row?.position as Position), found: row?.found as Found[] };
}

/** Where a stream resumes. `hasGap`: not everything since the cursor can be told. `active` are generations whose progress may have changed. */
export type Resumed = { position: Position; hasGap: boolean; active: string[] };

export async function resume(em: SqlEntityManager, userId: string, { epoch, since }: ChangeCursor): Promise<Resumed> {
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
  if (!row) throw new Error('PostgreSQL has no snapshot');
  return { position: row.isWhole ? since : shortened(row.now), hasGap: !row.isWhole, active: row.active };
}

function shortened(position: Position): Position {
  if (position.length <= MAX_LENGTH) return position;
  const [oldest] = position.split(':');
  return `${oldest}:${oldest}:`;
}
