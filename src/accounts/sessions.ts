/** Starts, refreshes and ends sessions. A refresh token is good once: using it again ends the session it belongs to. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { Field, ObjectType } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { unauthenticated } from '../graphql/errors.js';
import { Session } from './session.js';
import type { Tokens } from './tokens.js';
import { User } from './user.js';

@ObjectType('Session', { description: 'What signing up, signing in and refreshing answer with.' })
export class Credentials {
  @Field(() => String, { description: 'A JWT, good for an hour unless configured otherwise.' })
  accessToken!: string;

  @Field(() => Date, { description: 'When the access token stops being good.' })
  accessTokenExpiresAt!: Date;

  @Field(() => String, { description: 'Good for one use within 30 days: refreshing answers with the next one.' })
  refreshToken!: string;

  @Field(() => User, { description: 'Who is signed in.' })
  user!: User;
}

const SECRET_BYTES = 32;
const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export class Sessions {
  constructor(
    private readonly tokens: Tokens,
    private readonly refreshTokenSeconds: number,
  ) {}

  /** Leaves the new session for the caller's flush. */
  start(em: SqlEntityManager, user: User): Credentials {
    const session = em.create(Session, { userId: user.id, refreshHash: Buffer.alloc(0), expiresAt: new Date() });
    return this.#renew(session, user);
  }

  /** @throws UNAUTHENTICATED for a token that is unknown, expired, or has been used. */
  async refresh(em: SqlEntityManager, refreshToken: string): Promise<Credentials> {
    const refused = unauthenticated('The refresh token is not good any more: sign in again');
    const [id, secret] = refreshToken.split('.');
    if (!id || !secret || !isUuid(id)) throw refused;
    const credentials = await em.transactional(async (em) => {
      const session = await em.findOne(Session, { id }, { lockMode: 4 });
      if (!session) return undefined;
      const isReused = !timingSafeEqual(session.refreshHash, digest(secret));
      if (isReused || session.expiresAt < new Date()) {
        em.remove(session);
        return undefined;
      }
      const user = await em.findOneOrFail(User, session.userId);
      return this.#renew(session, user);
    });
    if (!credentials) throw refused;
    return credentials;
  }

  #renew(session: Session, user: User): Credentials {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    session.refreshHash = digest(secret);
    session.expiresAt = new Date(Date.now() + this.refreshTokenSeconds * 1000);
    const access = this.tokens.sign({ id: user.id, sessionId: session.id, role: user.role });
    return {
      accessToken: access.token,
      accessTokenExpiresAt: access.expiresAt,
      refreshToken: `${session.id}.${secret}`,
      user,
    };
  }
}
