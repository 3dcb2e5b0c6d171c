/** Sign-up, sign-in, token refresh, sign-out, and changes of the viewer's own account. */
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
import { readUsers, type UserRow } from '../user-rows.js';
import { validatePassword } from '../validate.js';
import { requireSession } from '../viewer.js';
import { SignUpInput } from './sign-up-input.js';

@InputType({ description: 'The credentials of a user.' })
class SignInInput {
  @Field(() => String, { description: 'Case-insensitive.' })
  email!: string;

  @Field(() => String, { description: 'The password of the account.' })
  password!: string;
}

@Resolver()
export class AccountsResolver {
  @Query(() => User, { nullable: true, description: 'The signed-in user; null for an anonymous caller.' })
  async viewer(@Ctx() { viewer, reads }: AccountsContext): Promise<UserRow | null> {
    const [row] = viewer ? await readUsers(reads, [viewer.id]) : [];
    return row ?? null;
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'Creates an account and signs in. The first account becomes the admin, unless the server is configured with the address of one. CONFLICT if the address is taken. FORBIDDEN if registration is closed.',
  })
  async signUp(
    @Arg('input', () => SignUpInput, { description: 'The new account.' }) input: SignUpInput,
    @Ctx() { em, sessions, registration, rateLimits, address, userAgent }: AccountsContext,
  ): Promise<Credentials> {
    await rateLimits.take('signUp', address);
    return await signUp(em, input, registration, (em, user) => sessions.start(em, user, userAgent));
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'Starts a session. INVALID_CREDENTIALS if the address or the password is wrong. FORBIDDEN if the account is disabled. RATE_LIMITED after 10 wrong passwords for an account from one IP address within 15 minutes, or 100 from all addresses within an hour. An account has at most 100 sessions: the next one ends the session that was refreshed longest ago.',
  })
  async signIn(
    @Arg('input', () => SignInInput, { description: 'The credentials of the user.' }) {
      email: typed,
      password,
    }: SignInInput,
    @Ctx() { em, sessions, rateLimits, address, userAgent }: AccountsContext,
  ): Promise<Credentials> {
    const email = normaliseEmail(typed);
    await rateLimits.take('signIn', address);
    const user = email.includes('\0') ? null : await em.findOne(User, { email });
    await requirePassword({ email, password, address }, user?.passwordHash, rateLimits);
    // Unreachable: `requirePassword` throws for an unknown account.
    if (!user) throw invalidCredentials();
    await rateLimits.giveBack('signIn', address);
    const credentials = await em.transactional(async (em) => {
      // A concurrent password change or disable waits for this session and then ends it, or has committed before.
      const { id, passwordHash } = user;
      const current = await em.findOne(
        User,
        { id, passwordHash },
        { lockMode: LockMode.PESSIMISTIC_READ, refresh: true },
      );
      if (!current) throw invalidCredentials();
      // Only a caller who knows the password may learn that the account is disabled.
      if (current.disabledAt) throw forbidden('This account is disabled');
      return sessions.start(em, current, userAgent);
    });
    await sessions.endSurplus(em, user.id);
    return credentials;
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'Returns a new access token and the next refresh token. Within 30 seconds the same token returns the same successor, so that two tabs or a lost response do not end the session; a later reuse ends it. UNAUTHENTICATED for a token that is unknown, expired or was used before.',
  })
  refreshSession(
    @Arg('refreshToken', () => String, { description: 'The newest refresh token of the session.' })
    refreshToken: string,
    @Ctx() { em, sessions }: AccountsContext,
  ): Promise<Credentials> {
    return sessions.refresh(em, refreshToken);
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'Ends this session, or every session of the viewer, and closes their sockets. FORBIDDEN for an API key.',
  })
  async signOut(
    @Arg('everywhere', () => Boolean, { defaultValue: false, description: 'Whether to end every session.' })
    everywhere: boolean,
    @Ctx() context: AccountsContext,
  ): Promise<boolean> {
    const { em, sessions } = context;
    const { id, sessionId } = requireSession(context);
    if (everywhere) sessions.notifyEnded(await endSessions(em, id));
    else await sessions.end(em, sessionId);
    return true;
  }

  @Mutation(() => Credentials, {
    nullable: true,
    description:
      'Changes the password, ends every other session, and returns new tokens for this one. INVALID_CREDENTIALS if the current password is wrong. FORBIDDEN for an API key.',
  })
  async changePassword(
    @Arg('current', () => String, { description: 'The current password.' }) current: string,
    @Arg('new', () => String, { description: '8 to 128 characters.' }) next: string,
    @Ctx() context: AccountsContext,
  ): Promise<Credentials> {
    const { em, sessions, rateLimits, address } = context;
    const { id, sessionId } = requireSession(context);
    validatePassword(next, 'new');
    if (current === next) throw badUserInput('The new password must differ from the current one', 'new');
    const user = await em.findOneOrFail(User, id);
    const before = user.passwordHash;
    await requirePassword({ email: user.email, password: current, address }, before, rateLimits);
    const passwordHash = await hashPassword(next);
    const changed = await em.transactional(async (em) => {
      // A concurrent change may have replaced the current password.
      const isChanged = await em.nativeUpdate(User, { id, passwordHash: before }, { passwordHash });
      if (isChanged === 0) throw invalidCredentials();
      const ended = await endSessions(em, id, sessionId);
      return { ended, credentials: await sessions.renew(em, sessionId) };
    });
    sessions.notifyEnded(changed.ended);
    if (!changed.credentials) throw unauthenticated();
    return changed.credentials;
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'Deletes the account and all of its data. Credentials, sockets and links end at once, unfinished generations are canceled, files are removed within minutes. INVALID_CREDENTIALS for a wrong password. CONFLICT for the last admin while other accounts exist. FORBIDDEN for an API key.',
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
