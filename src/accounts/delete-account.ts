/** Deletes an account and all of its data. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { changeAccount } from './admins.js';
import type { AccountsContext, StopGenerations } from './context.js';
import { endSessions } from './sessions/end-sessions.js';
import type { Viewer } from './viewer.js';

/** @throws CONFLICT for the last admin while other accounts exist */
export async function deleteAccount(viewer: Viewer, context: AccountsContext): Promise<void> {
  const { em, revocations, ownedGenerations } = context;
  const userId = viewer.id;
  const deleted = await changeAccount(em, viewer, userId, (em) =>
    markAccountDeleted(em, userId, ownedGenerations.markDeleted),
  );
  revocations.notify({ userIds: [userId] });
  ownedGenerations.notifyStopped(deleted, userId);
  ownedGenerations.sweep();
}

/**
 * Call it in a transaction. It frees the address and revokes every credential and link. The row stays until the cleaner has removed the
 * files and stopped the prompts of the account's generations, which need an owner until then.
 * @returns the ids of the account's generations
 */
export async function markAccountDeleted(
  em: SqlEntityManager,
  userId: string,
  markDeleted: StopGenerations,
): Promise<string[]> {
  await em.execute(
    `update users set deleted_at = now(), disabled_at = coalesce(disabled_at, now()), role = 'USER',
       email = 'deleted ' || id, name = null, password_hash = '' where id = ?`,
    [userId],
  );
  await endSessions(em, userId);
  await em.execute('delete from api_keys where user_id = ?', [userId]);
  return await markDeleted(em, userId);
}
