/** Signing up, signing in, staying signed in, signing out. */
import { LockMode } from '@mikro-orm/core';
import { Arg, Ctx, Field, InputType, Mutation, Query, Resolver } from 'type-graphql';
import { badUserInput, forbidden, invalidCredentials, unauthenticated } from '../../graphql/errors.js';
import type { AccountsContext } from '../context.js';
import { deleteAccount } from '../delete-account.js';
import { normaliseEmail } from '../email.js';
import { requirePassword } from '../password-attempts.js';
import { hashPassword } from '../passwords.js';
import { endSessions } from '../sessions/end-sessions.js';
import { Credentials } from '../sessions/sessions.js';
import { signUp } from '../sign-up.js';
import { User } from '../user.js';
import { judgePassword } from '../validate.js';
import { requireSession } from '../viewer.js';
import { SignUpInput } from './sign-up-input.js';

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
  async viewer(@Ctx() { viewer, em }: AccountsContext): Promise<User | null> {
    return viewer ? await em.findOne(User, viewer.id) : null;
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'Password of 8 to 128 characters. The first account is an admin, unless the server names another address. CONFLICT where the address is taken; FORBIDDEN where registration is closed.',
  })
  async signUp(
    @Arg('input', () => SignUpInput, { description: 'Who signs up.' }) input: SignUpInput,
    @Ctx() { em, sessions, registration, rateLimits, address, userAgent }: AccountsContext,
  ): Promise<Credentials> {
    await rateLimits.take('signUp', address);
    return await signUp(em, input, registration, (em, user) => sessions.start(em, user, userAgent));
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'INVALID_CREDENTIALS, whichever of the two is wrong. FORBIDDEN where an admin keeps the account out. RATE_LIMITED after ten wrong passwords for an account from one address within 15 minutes, or a hundred from all addresses within an hour. An account has a hundred sessions at most: beyond, the one refreshed longest ago ends.',
  })
  async signIn(
    @Arg('input', () => SignInInput, { description: 'Who signs in.' }) { email: typed, password }: SignInInput,
    @Ctx() { em, sessions, rateLimits, address, userAgent }: AccountsContext,
  ): Promise<Credentials> {
    const email = normaliseEmail(typed);
    await rateLimits.take('signIn', address);
    const user = email.includes('\0') ? null : await em.findOne(User, { email });
    await requirePassword({ email, password, address }, user?.passwordHash, rateLimits);
    // Not reached: nobody's password is never right.
    if (!user) throw invalidCredentials();
    await rateLimits.giveBack('signIn', address);
    const credentials = await em.transactional(async (em) => {
      // Whoever changes the password or keeps the account out waits for this session, and ends it; or was faster.
      const { id, passwordHash } = user;
      const same = await em.findOne(User, { id, passwordHash }, { lockMode: LockMode.PESSIMISTIC_READ, refresh: true });
      if (!same) throw invalidCredentials();
      // Told only to whoever knows the password.
      if (same.disabledAt) throw forbidden('This account is disabled');
      return sessions.start(em, same, userAgent);
    });
    await sessions.endSurplus(em, user.id);
    return credentials;
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'Returns a new access token and the next refresh token. The same token within 30 seconds returns the same successor, so that two tabs or a lost answer sign nobody out; later it ends the session. UNAUTHENTICATED for a token that is unknown, expired or was used before.',
  })
  refreshSession(
    @Arg('refreshToken', () => String, { description: 'The newest one of the session.' }) refreshToken: string,
    @Ctx() { em, sessions }: AccountsContext,
  ): Promise<Credentials> {
    return sessions.refresh(em, refreshToken);
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description: 'Ends this session, or every session of the viewer; their sockets close. FORBIDDEN for an API key.',
  })
  async signOut(
    @Arg('everywhere', () => Boolean, { defaultValue: false, description: 'Whether every session ends.' })
    everywhere: boolean,
    @Ctx() context: AccountsContext,
  ): Promise<boolean> {
    const { em, sessions } = context;
    const { id, sessionId } = requireSession(context);
    if (everywhere) sessions.tellEnded(await endSessions(em, id));
    else await sessions.end(em, sessionId);
    return true;
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'Ends every other session, and answers with new tokens for this one. INVALID_CREDENTIALS where the current one is wrong; FORBIDDEN for an API key.',
  })
  async changePassword(
    @Arg('current', () => String, { description: 'The password until now.' }) current: string,
    @Arg('new', () => String, { description: '8 to 128 characters.' }) next: string,
    @Ctx() context: AccountsContext,
  ): Promise<Credentials> {
    const { em, sessions, rateLimits, address } = context;
    const { id, sessionId } = requireSession(context);
    judgePassword(next, 'new');
    if (current === next) throw badUserInput('The new password is the current one', 'new');
    const user = await em.findOneOrFail(User, id);
    const before = user.passwordHash;
    await requirePassword({ email: user.email, password: current, address }, before, rateLimits);
    const passwordHash = await hashPassword(next);
    const changed = await em.transactional(async (em) => {
      // Of two who change it at once one comes second, with a password that is none any more.
      const isChanged = await em.nativeUpdate(User, { id, passwordHash: before }, { passwordHash });
      if (isChanged === 0) throw invalidCredentials();
      const ended = await endSessions(em, id, sessionId);
      return { ended, credentials: await sessions.renew(em, sessionId) };
    });
    sessions.tellEnded(changed.ended);
    if (!changed.credentials) throw unauthenticated();
    return changed.credentials;
  }
  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'Removes the account with everything of it: credentials, sockets and links end at once, what is unfinished is stopped, files follow within minutes. INVALID_CREDENTIALS for a wrong password; CONFLICT for the last admin while others have accounts; FORBIDDEN for an API key.',
  })
  async deleteAccount(
    @Arg('password', () => String, { description: 'The password of the account.' }) password: string,
    @Ctx() context: AccountsContext,
  ): Promise<boolean> {
    const { em, rateLimits, address } = context;
    const viewer = requireSession(context);
    const { email, passwordHash } = await em.findOneOrFail(User, viewer.id);
    await requirePassword({ email, password, address }, passwordHash, rateLimits);
    await deleteAccount(viewer, context);
    return true;
  }
}
