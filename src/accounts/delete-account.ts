/** Deletes an account and all of its data. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { now, query } from '../db/query.js';
import { changeAccount } from './admins.js';
import type { AccountsContext, StopGenerations } from './context.js';
import { endSessions } from './sessions/end-sessions.js';
import { Role } from './user.js';
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
  await query(em)
    .updateTable('users')
    .set({
      deleted_at: now,
      disabled_at: sql`coalesce(disabled_at, now())`,
      role: Role.USER,
      email: sql`'deleted ' || id`,
      name: null,
      password_hash: '',
    })
    .where('id', '=', userId)
    .execute();
  await endSessions(em, userId);
  await query(em).deleteFrom('api_keys').where('user_id', '=', userId).execute();
  return await markDeleted(em, userId);
}
