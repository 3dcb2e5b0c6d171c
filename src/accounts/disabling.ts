/** Keeps an account out, and lets it in again. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { requestCancelOf } from '../generations/transitions.js';
import type { Context } from '../graphql/context.js';
import { unauthenticated } from '../graphql/errors.js';
import type { Viewer } from './viewer.js';

/**
 * From the commit on no credential of it counts; then what goes on is ended. Twice is once, and mends what a crash left undone.
 * @throws UNAUTHENTICATED where the viewer has just been kept out
 */
export async function disable(userId: string, viewer: Viewer, context: Context): Promise<void> {
  const { em, sessions, revocations, runner, updates } = context;
  const stopped = await em.transactional(async (em) => {
    // Of two admins who keep each other out one comes second, and is out. In one order, or each would wait for the other.
    await em.execute('select from users where id in (?, ?) order by id for no key update', [viewer.id, userId]);
    await requireLetIn(em, viewer.id);
    await em.execute('update users set disabled_at = coalesce(disabled_at, now()) where id = ?', [userId]);
    await sessions.endAll(em, userId);
    return await requestCancelOf(em, userId);
  });
  revocations.tell({ userIds: [userId] });
  for (const id of stopped) {
    runner.stop(id);
    updates.publish({ id, userId });
  }
}

export const enable = async (userId: string, { em }: Context): Promise<void> => {
  await em.execute('update users set disabled_at = null where id = ?', [userId]);
};

/**
 * Until the transaction ends nobody keeps this account out: whoever wants to waits, and then finds what was made. Before any other lock.
 * @throws UNAUTHENTICATED where somebody has, since the credential was believed
 */
export async function requireLetIn(em: SqlEntityManager, userId: string): Promise<void> {
  const found = await em.execute('select from users where id = ? and disabled_at is null for share', [userId]);
  if (found.length === 0) throw unauthenticated('This account is disabled');
}
