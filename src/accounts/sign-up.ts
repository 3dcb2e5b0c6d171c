/** Creates accounts, for users who sign up and for admins. */
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { conflict, forbidden } from '../graphql/errors.js';
import { roleOfNewAccount } from './admins.js';
import type { SignUpInput } from './api/sign-up-input.js';
import { hashPassword } from './passwords.js';
import { Role, User } from './user.js';
import { validateEmail, validateName, validatePassword } from './validate.js';

export type Registration = { isOpen: boolean; adminEmail: string | undefined };

/**
 * @param complete runs in the same transaction; its result is returned
 * @throws BAD_USER_INPUT, CONFLICT if the address is taken, FORBIDDEN if registration is closed
 */
export async function signUp<Result>(
  em: SqlEntityManager,
  input: SignUpInput,
  { isOpen, adminEmail }: Registration,
  complete: (em: SqlEntityManager, user: User) => Result,
): Promise<Result> {
  const account = await validate(input);
  return await insert(em, async (em) => {
    const role = await roleOfNewAccount(em, account.email, adminEmail);
    // An admin must exist to create the other accounts.
    if (!isOpen && role !== Role.ADMIN) throw forbidden('Registration is closed: ask an admin for an account');
    return complete(em, em.create(User, { ...account, role }));
  });
}

/** For admins. @throws BAD_USER_INPUT, CONFLICT if the address is taken */
export async function createUser(em: SqlEntityManager, input: SignUpInput): Promise<User> {
  const account = await validate(input);
  return await insert(em, async (em) => em.create(User, account));
}

async function validate({ email, password, name }: SignUpInput) {
  const valid = { email: validateEmail(email), name: validateName(name) };
  validatePassword(password);
  return { ...valid, passwordHash: await hashPassword(password) };
}

async function insert<Result>(em: SqlEntityManager, act: (em: SqlEntityManager) => Promise<Result>): Promise<Result> {
  try {
    return await em.transactional(act);
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException)
      throw conflict('This email address already has an account');
    throw error;
  }
}
