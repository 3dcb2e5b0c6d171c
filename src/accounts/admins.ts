/** Assigns the admin role: to the account of ADMIN_EMAIL, or else to the first account. Admins promote other accounts. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { query } from '../db/query.js';
import { conflict, forbidden, unauthenticated } from '../graphql/errors.js';
import { Role } from './user.js';
import type { Viewer } from './viewer.js';

/** Call it in the transaction that inserts the account. */
export async function roleOfNewAccount(
  em: SqlEntityManager,
  email: string,
  adminEmail: string | undefined,
): Promise<Role> {
  if (adminEmail !== undefined) return email === adminEmail ? Role.ADMIN : Role.USER;
  if (await hasAccounts(em)) return Role.USER;
  // Concurrent first sign-ups wait here until one of them has inserted its account.
  await em.execute('lock table users in share row exclusive mode');
  return (await hasAccounts(em)) ? Role.USER : Role.ADMIN;
}

/** Promotes the account of ADMIN_EMAIL, and logs which account is or will be admin. */
export async function promoteConfiguredAdmin(
  em: SqlEntityManager,
  adminEmail: string | undefined,
  logger: Logger,
): Promise<void> {
  if (adminEmail === undefined) {
    if (!(await hasAccounts(em))) logger.info('no account exists yet: the first account to sign up becomes admin');
    return;
  }
  const account = await query(em)
    .updateTable('users as u')
    .from('users as before')
    .set({ role: Role.ADMIN })
    .where('u.email', '=', adminEmail)
    .whereRef('before.id', '=', 'u.id')
    .returning('before.role')
    .executeTakeFirst();
  if (!account)
    logger.info({ adminEmail }, 'no account has the address ADMIN_EMAIL yet: it becomes admin when it signs up');
  else if (account.role !== Role.ADMIN) logger.warn({ adminEmail }, 'promoted the account of ADMIN_EMAIL to admin');
  else logger.info({ adminEmail }, 'the account of ADMIN_EMAIL is an admin');
}

/**
 * Changes the viewer's own account or another one. Rows are locked in a fixed order, so that two admins who act on each other run one
 * after the other, and the second one sees the change of the first.
 * @throws UNAUTHENTICATED or FORBIDDEN if the viewer was disabled or demoted meanwhile, CONFLICT if no admin would remain
 */
export const changeAccount = <Result>(
  em: SqlEntityManager,
  viewer: Viewer,
  userId: string,
  change: (em: SqlEntityManager) => Promise<Result>,
): Promise<Result> =>
  em.transactional(async (em) => {
    const locked = await em.execute<{ id: string; role: Role; isEnabled: boolean }[]>(
      `select id, role, disabled_at is null as "isEnabled" from users where id in (?, ?) or role = 'ADMIN'
       order by id for no key update`,
      [viewer.id, userId],
    );
    const own = locked.find(({ id }) => id === viewer.id);
    if (!own?.isEnabled) throw unauthenticated('This account is disabled');
    if (own.role !== viewer.role) throw forbidden('Your role has changed: try again');
    const result = await change(em);
    const hadAdmin = locked.some(({ role, isEnabled }) => role === Role.ADMIN && isEnabled);
    if (hadAdmin && (await isAdminMissing(em)))
      throw conflict('This is the last admin: make another account an admin first');
    return result;
  });

async function hasAccounts(em: SqlEntityManager): Promise<boolean> {
  const accounts = await query(em).selectFrom('users').where('deleted_at', 'is', null).limit(1).execute();
  return accounts.length > 0;
}

/** Without any account no admin is needed: the next account to sign up becomes admin. */
async function isAdminMissing(em: SqlEntityManager): Promise<boolean> {
  if (!(await hasAccounts(em))) return false;
  const ofAdmins = query(em).selectFrom('users').where('role', '=', Role.ADMIN).where('disabled_at', 'is', null);
  return (await ofAdmins.limit(1).execute()).length === 0;
}
