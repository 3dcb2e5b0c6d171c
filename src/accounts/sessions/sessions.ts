/**
 * Starts, refreshes and ends sessions. A refresh token is valid for one use. Within the grace period after that use, the same token returns
 * the same successor, because two tabs share a session and a response can be lost. A later use is a sign of theft and ends the session.
 */
import { LockMode, type SqlEntityManager } from '@mikro-orm/postgresql';
import { Field, ObjectType } from 'type-graphql';
import { query } from '../../db/query.js';
import { unauthenticated } from '../../graphql/errors.js';
import { User } from '../user.js';
import type { Revocations } from './revocations.js';
import { Session } from './session.js';
import type { Tokens } from './tokens.js';

/** Per account. A program that signs in again and again would otherwise fill the database. */
const MAX_SESSIONS = 100;
/** Refreshes remembered per session, so that a client in a loop cannot fill its row. */
const MAX_REFRESHES = 20;

@ObjectType('Session', { description: 'The tokens that signing up, signing in and refreshing return.' })
export class Credentials {
  @Field(() => String, { description: 'A JWT. Valid for an hour unless configured otherwise.' })
  accessToken!: string;

  @Field(() => Date, { description: 'When the access token expires.' })
  accessTokenExpiresAt!: Date;

  @Field(() => String, { description: 'Valid for one use within 30 days. Refreshing returns the next one.' })
  refreshToken!: string;

  @Field(() => User, { description: 'The signed-in user.' })
  user!: User;
}

export class Sessions {
  constructor(
    private readonly tokens: Tokens,
    private readonly refreshTokenSeconds: number,
    private readonly refreshGraceMs: number,
    private readonly revocations: Revocations,
  ) {}

  /** The caller flushes the new session. */
  start(em: SqlEntityManager, user: User, userAgent: string | null): Credentials {
    const session = em.create(Session, { userId: user.id, userAgent, expiresAt: new Date() });
    return this.#rotate(session, user, Date.now());
  }

  /** @throws UNAUTHENTICATED for a token that is unknown, expired, or was used longer ago than the grace period */
  async refresh(em: SqlEntityManager, refreshToken: string): Promise<Credentials> {
    const rejection = unauthenticated('The refresh token is no longer valid: sign in again');
    const named = this.tokens.verifyRefresh(refreshToken);
    // A forged token must not end the session that it names.
    if (!named) throw rejection;
    const renewed = await em.transactional(async (em) => {
      const session = await em.findOne(Session, { id: named.sessionId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!session) return undefined;
      const user = await em.findOneOrFail(User, session.userId);
      const now = await readClock(em);
      const recent = session.refreshes.filter((issuedAt) => now - issuedAt < this.refreshGraceMs);
      const age = session.refreshNumber - named.number;
      const isValid = age >= 0 && age <= recent.length && session.expiresAt.getTime() > now && !user.disabledAt;
      if (isValid && age > 0) return this.#sign(session, user, named.number + 1);
      if (isValid) {
        session.refreshes = [...recent, now].slice(-MAX_REFRESHES);
        return this.#rotate(session, user, now);
      }
      em.remove(session);
      return 'ended' as const;
    });
    if (renewed === 'ended') this.revocations.notify({ sessionIds: [named.sessionId] });
    if (!renewed || renewed === 'ended') throw rejection;
    return renewed;
  }

  /** New tokens for a session whose password changed: rejects earlier refresh tokens at once. Undefined if the session has ended. */
  async renew(em: SqlEntityManager, sessionId: string): Promise<Credentials | undefined> {
    const session = await em.findOne(Session, { id: sessionId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!session) return undefined;
    session.refreshes = [];
    return this.#rotate(session, await em.findOneOrFail(User, session.userId), await readClock(em));
  }

  async end(em: SqlEntityManager, sessionId: string): Promise<void> {
    await em.nativeDelete(Session, { id: sessionId });
    this.revocations.notify({ sessionIds: [sessionId] });
  }

  /** Ends a user's sessions above the limit: expired ones first, then those refreshed longest ago. */
  async endSurplus(em: SqlEntityManager, userId: string): Promise<void> {
    const ofUser = query(em).selectFrom('sessions').select('id').where('user_id', '=', userId);
    const surplus = ofUser.orderBy('expires_at', 'desc').orderBy('id', 'desc').offset(MAX_SESSIONS);
    const rows = await query(em).deleteFrom('sessions').where('id', 'in', surplus).returning('id').execute();
    this.notifyEnded(rows.map(({ id }) => id));
  }

  notifyEnded(sessionIds: readonly string[]): void {
    this.revocations.notify({ sessionIds });
  }

  #rotate(session: Session, user: User, now: number): Credentials {
    session.refreshNumber += 1;
    session.expiresAt = new Date(now + this.refreshTokenSeconds * 1000);
    return this.#sign(session, user, session.refreshNumber);
  }

  /** Tokens are computed from the session and the number, so that the same successor can be returned without storing it. */
  #sign(session: Session, user: User, refreshNumber: number): Credentials {
    const access = this.tokens.signAccess(user.id, session.id);
    return {
      accessToken: access.token,
      accessTokenExpiresAt: access.expiresAt,
      refreshToken: this.tokens.signRefresh(session.id, refreshNumber),
      user,
    };
  }
}

/** PostgreSQL's clock in milliseconds, which all servers share. Not `now()`, because this transaction may have waited for the session's row. */
async function readClock(em: SqlEntityManager): Promise<number> {
  const [row] = await em.execute<{ ms: string }[]>(
    'select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms',
  );
  return Number(row?.ms);
}
