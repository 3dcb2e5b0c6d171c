/** Who becomes an admin: whoever the setting names, and where it names nobody the first who signs up. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { Role } from './user.js';

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

/** An account that was there before the setting named it. */
export const promote = async (em: SqlEntityManager, adminEmail: string): Promise<void> => {
  await em.execute('update users set role = ? where email = ?', [Role.ADMIN, adminEmail]);
};

async function isSomebodyThere(em: SqlEntityManager): Promise<boolean> {
  return (await em.execute('select from users limit 1')).length > 0;
}
