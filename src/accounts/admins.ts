/** Who is an admin: the account that the setting names, otherwise the first one that signs up; later, also those that an admin promotes. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { conflict, forbidden, unauthenticated } from '../graphql/errors.js';
import { Role } from './user.js';
import type { Viewer } from './viewer.js';

/** In the transaction that inserts the account. */
export async function roleOfNewcomer(
  em: SqlEntityManager,
  email: string,
  adminEmail: string | undefined,
): Promise<Role> {
  if (adminEmail !== undefined) return email === adminEmail ? Role.ADMIN : Role.USER;
  if (await isSomebodyThere(em)) return Role.USER;
  // Of several who come first at once, the others wait here until one is there.
  await em.execute('lock table users in share row exclusive mode');
  return (await isSomebodyThere(em)) ? Role.USER : Role.ADMIN;
}

/** Makes the account that ADMIN_EMAIL names an admin, and logs who is or will be one. */
export async function promoteConfigured(
  em: SqlEntityManager,
  adminEmail: string | undefined,
  logger: Logger,
): Promise<void> {
  if (adminEmail === undefined) {
    if (!(await isSomebodyThere(em))) logger.info('there is no account yet: the first one that signs up is the admin');
    return;
  }
  const [account] = await em.execute<{ role: Role }[]>(
    `update users u set role = ? from users before where u.email = ? and before.id = u.id returning before.role`,
    [Role.ADMIN, adminEmail],
  );
  if (!account) logger.info({ adminEmail }, 'ADMIN_EMAIL has no account yet: it is the admin once it signs up');
  else if (account.role !== Role.ADMIN) logger.warn({ adminEmail }, 'ADMIN_EMAIL made an existing account an admin');
  else logger.info({ adminEmail }, 'ADMIN_EMAIL is an admin');
}

/**
 * Changes an account, the viewer's own or another's. Rows are locked in one order, so that admins who act on each other wait for each
 * other, and the second one is judged by what the first has done.
 * @throws UNAUTHENTICATED or FORBIDDEN where the viewer was disabled or demoted meanwhile, CONFLICT where no admin would be left
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
    if (hadAdmin && (await isWithoutAdmin(em)))
      throw conflict('Nobody would be left to run this server: make another account an admin first');
    return result;
  });

async function isSomebodyThere(em: SqlEntityManager): Promise<boolean> {
  return (await em.execute('select from users where deleted_at is null limit 1')).length > 0;
}

/** Where nobody has an account there is no need for one: the next that signs up is the admin. */
const isWithoutAdmin = async (em: SqlEntityManager): Promise<boolean> =>
  (await isSomebodyThere(em)) &&
  (await em.execute(`select from users where role = 'ADMIN' and disabled_at is null limit 1`)).length === 0;
