/** Disables an account, and enables it again. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { unauthenticated } from '../graphql/errors.js';
import { changeAccount } from './admins.js';
import type { AccountsContext, StopGenerations } from './context.js';
import { endSessions } from './sessions/end-sessions.js';
import type { Viewer } from './viewer.js';

/**
 * From the commit on no credential of the account is valid; then what runs under one is ended. Repeating it completes what a crash left undone.
 * @throws UNAUTHENTICATED or FORBIDDEN where the viewer was disabled or demoted meanwhile, CONFLICT where no admin would be left
 */
export async function disable(userId: string, viewer: Viewer, context: AccountsContext): Promise<void> {
  const { em, revocations, ownedGenerations } = context;
  const stopped = await changeAccount(em, viewer, userId, (em) =>
    markDisabled(em, userId, ownedGenerations.requestCancel),
  );
  revocations.tell({ userIds: [userId] });
  ownedGenerations.notifyStopped(stopped, userId);
}

/** In a transaction. @returns the ids of the generations that are to stop */
export async function markDisabled(
  em: SqlEntityManager,
  userId: string,
  requestCancel: StopGenerations,
): Promise<string[]> {
  await em.execute('update users set disabled_at = coalesce(disabled_at, now()) where id = ?', [userId]);
  await endSessions(em, userId);
  return await requestCancel(em, userId);
}

export const enable = async (em: SqlEntityManager, userId: string): Promise<void> => {
  await em.execute('update users set disabled_at = null where id = ? and deleted_at is null', [userId]);
};

/**
 * Until the transaction ends nobody disables this account: a concurrent disable waits, and then finds what was created. Before any other lock.
 * @throws UNAUTHENTICATED where somebody has, since the credential was believed
 */
export async function requireLetIn(em: SqlEntityManager, userId: string): Promise<void> {
  const found = await em.execute('select from users where id = ? and disabled_at is null for share', [userId]);
  if (found.length === 0) throw unauthenticated('This account is disabled');
}
