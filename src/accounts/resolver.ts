/** Signing up, signing in, staying signed in. */
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { Arg, Ctx, Field, InputType, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import { badUserInput, conflict, invalidCredentials } from '../graphql/errors.js';
import { requireStorable } from '../graphql/text.js';
import { roleOfNewcomer } from './admin.js';
import { isEmail, normaliseEmail } from './email.js';
import { hashPassword, verifyPassword } from './passwords.js';
import { Credentials } from './sessions.js';
import { User } from './user.js';

const MIN_PASSWORD_LENGTH = 8;
const MAX_PASSWORD_LENGTH = 128;
const MAX_NAME_LENGTH = 100;

@InputType({ description: 'Who signs up.' })
class SignUpInput {
  @Field(() => String, { description: 'Upper and lower case are the same.' })
  email!: string;

  @Field(() => String, { description: '8 to 128 characters.' })
  password!: string;

  @Field(() => String, { nullable: true, description: 'What to call the user, up to 100 characters.' })
  name?: string | null;
}

@InputType({ description: 'Who signs in.' })
class SignInInput {
  @Field(() => String, { description: 'Upper and lower case are the same.' })
  email!: string;

  @Field(() => String, { description: 'The password of the account.' })
  password!: string;
}

@Resolver()
export class AccountsResolver {
  @Query(() => User, { nullable: true, description: 'The signed-in user; null for nobody.' })
  async viewer(@Ctx() { viewer, em }: Context): Promise<User | null> {
    return viewer ? await em.findOne(User, viewer.id) : null;
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'Password of 8 to 128 characters. The first account is an admin, unless the server names another address. CONFLICT where the address is taken; FORBIDDEN where registration is closed.',
  })
  async signUp(
    @Arg('input', () => SignUpInput, { description: 'Who signs up.' }) input: SignUpInput,
    @Ctx() { em, sessions, adminEmail }: Context,
  ): Promise<Credentials> {
    const email = normaliseEmail(input.email);
    judgeEmail(email);
    judgePassword(input.password);
    const name = judgeName(input.name);
    const passwordHash = await hashPassword(input.password);
    try {
      return await em.transactional(async (em) => {
        const role = await roleOfNewcomer(em, email, adminEmail);
        return sessions.start(em, em.create(User, { email, name, passwordHash, role }));
      });
    } catch (error) {
      if (error instanceof UniqueConstraintViolationException)
        throw conflict('This email address has an account already');
      throw error;
    }
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description: 'INVALID_CREDENTIALS, whichever of the two is wrong.',
  })
  async signIn(
    @Arg('input', () => SignInInput, { description: 'Who signs in.' }) { email, password }: SignInInput,
    @Ctx() { em, sessions }: Context,
  ): Promise<Credentials> {
    const address = normaliseEmail(email);
    const user = address.includes('\0') ? null : await em.findOne(User, { email: address });
    const isSane = password.length <= MAX_PASSWORD_LENGTH * 2;
    if (!(await verifyPassword(isSane ? password : '', user?.passwordHash)) || !user) throw invalidCredentials();
    const credentials = sessions.start(em, user);
    await em.flush();
    return credentials;
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'Answers with a new access token and the next refresh token. UNAUTHENTICATED for a token that is unknown, expired or has been used; using one twice ends its session.',
  })
  refreshSession(
    @Arg('refreshToken', () => String, { description: 'The newest one of the session.' }) refreshToken: string,
    @Ctx() { em, sessions }: Context,
  ): Promise<Credentials> {
    return sessions.refresh(em, refreshToken);
  }
}

function judgeEmail(email: string): void {
  requireStorable(email, 'email');
  if (!isEmail(email)) throw badUserInput('This is no email address', 'email');
}

function judgePassword(password: string): void {
  // Different halves of a character would be hashed alike.
  requireStorable(password, 'password');
  const length = [...password].length;
  if (length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH)
    throw badUserInput(`A password has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`, 'password');
}

function judgeName(name: string | null | undefined): string | null {
  if (name == null || name.trim() === '') return null;
  requireStorable(name, 'name');
  if ([...name].length > MAX_NAME_LENGTH) throw badUserInput(`A name has up to ${MAX_NAME_LENGTH} characters`, 'name');
  return name.trim();
}
