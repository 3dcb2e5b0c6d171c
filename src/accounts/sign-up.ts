/** Makes accounts: for whoever signs up, and for whom an admin does. */
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { conflict, forbidden } from '../graphql/errors.js';
import { roleOfNewcomer } from './admins.js';
import type { SignUpInput } from './api/sign-up-input.js';
import { hashPassword } from './passwords.js';
import { Role, User } from './user.js';
import { judgeEmail, judgeName, judgePassword } from './validate.js';

export type Registration = { isOpen: boolean; adminEmail: string | undefined };

/**
 * @param also what is done in the same transaction
 * @throws BAD_USER_INPUT, CONFLICT where the address is taken, FORBIDDEN where registration is closed
 */
export async function signUp<Answer>(
  em: SqlEntityManager,
  input: SignUpInput,
  { isOpen, adminEmail }: Registration,
  also: (em: SqlEntityManager, user: User) => Answer,
): Promise<Answer> {
  const account = await judge(input);
  return await insert(em, async (em) => {
    const role = await roleOfNewcomer(em, account.email, adminEmail);
    // Somebody has to be able to make the other accounts.
    if (!isOpen && role !== Role.ADMIN) throw forbidden('Registration is closed: ask an admin for an account');
    return also(em, em.create(User, { ...account, role }));
  });
}

/** For an admin. @throws BAD_USER_INPUT, CONFLICT where the address is taken */
export async function createUser(em: SqlEntityManager, input: SignUpInput): Promise<User> {
  const account = await judge(input);
  return await insert(em, async (em) => em.create(User, account));
}

async function judge({ email, password, name }: SignUpInput) {
  const judged = { email: judgeEmail(email), name: judgeName(name) };
  judgePassword(password);
  return { ...judged, passwordHash: await hashPassword(password) };
}

async function insert<Answer>(em: SqlEntityManager, act: (em: SqlEntityManager) => Promise<Answer>): Promise<Answer> {
  try {
    return await em.transactional(act);
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException)
      throw conflict('This email address has an account already');
    throw error;
  }
}
