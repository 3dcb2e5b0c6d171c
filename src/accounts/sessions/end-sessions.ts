/** Ends the sessions of one account. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { query } from '../../db/query.js';

/** @returns the ids of the ended sessions: pass them to `Revocations.notify` after the commit */
export async function endSessions(em: SqlEntityManager, userId: string, exceptId?: string): Promise<string[]> {
  const rows = await query(em)
    .deleteFrom('sessions')
    .where('user_id', '=', userId)
    .where('id', 'is distinct from', exceptId ?? null)
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}
