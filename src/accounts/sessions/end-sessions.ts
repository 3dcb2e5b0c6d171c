/** Ends the sessions of one account. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';

/** @returns the ids of the ended sessions: pass them to `Revocations.notify` after the commit */
export async function endSessions(em: SqlEntityManager, userId: string, exceptId?: string): Promise<string[]> {
  const rows = await em.execute<{ id: string }[]>(
    'delete from sessions where user_id = ? and id is distinct from ? returning id',
    [userId, exceptId ?? null],
  );
  return rows.map(({ id }) => id);
}
