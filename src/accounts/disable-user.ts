/** Disables and enables accounts. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { query } from '../db/query.js';
import { changeAccount } from './admins.js';
import type { AccountsContext, StopGenerations } from './context.js';
import { endSessions } from './sessions/end-sessions.js';
import type { Viewer } from './viewer.js';

/**
 * The commit revokes every credential of the account. Sockets, streams and generations end afterwards. Repeating the call completes one
 * that a crash interrupted.
 * @throws UNAUTHENTICATED or FORBIDDEN if the viewer was disabled or demoted meanwhile, CONFLICT if no admin would remain
 */
export async function disableUser(userId: string, viewer: Viewer, context: AccountsContext): Promise<void> {
  const { em, revocations, ownedGenerations } = context;
  const stopped = await changeAccount(em, viewer, userId, (em) =>
    markDisabled(em, userId, ownedGenerations.requestCancel),
  );
  revocations.notify({ userIds: [userId] });
  ownedGenerations.notifyStopped(stopped, userId);
}

/** Call it in a transaction. @returns the ids of the generations to stop */
export async function markDisabled(
  em: SqlEntityManager,
  userId: string,
  requestCancel: StopGenerations,
): Promise<string[]> {
  await query(em)
    .updateTable('users')
    .set({ disabled_at: sql`coalesce(disabled_at, now())` })
    .where('id', '=', userId)
    .execute();
  await endSessions(em, userId);
  return await requestCancel(em, userId);
}

export const enableUser = async (em: SqlEntityManager, userId: string): Promise<void> => {
  await query(em)
    .updateTable('users')
    .set({ disabled_at: null })
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .execute();
};
