/** Access tokens: signs them, and judges those that come back. They are short-lived JWTs; refresh tokens are in `sessions.ts`. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { Role } from './user.js';
import type { Viewer } from './viewer.js';

const ISSUER = 'comfygraph';
const AUDIENCE = 'comfygraph';
const ALGORITHM = 'HS256';
const CLOCK_LEEWAY_SECONDS = 30;

/** What became of a credential: who it is, or why it does not count. */
export type Verdict = { viewer: Viewer; expiresAt: Date } | { rejected: 'expired' | 'invalid' };

export class Tokens {
  readonly #key: KeyObject;

  constructor(
    secret: string,
    readonly lifetimeSeconds: number,
  ) {
    // A key of its own for each use: what signs URLs cannot sign tokens.
    this.#key = createSecretKey(createHmac('sha256', secret).update('access token').digest());
  }

  sign({ id, sessionId, role }: Viewer): { token: string; expiresAt: Date } {
    const expiresAt = new Date((Math.floor(Date.now() / 1000) + this.lifetimeSeconds) * 1000);
    const token = jwt.sign({ sid: sessionId, role, typ: 'access', exp: expiresAt.getTime() / 1000 }, this.#key, {
      algorithm: ALGORITHM,
      issuer: ISSUER,
      audience: AUDIENCE,
      subject: id,
    });
    return { token, expiresAt };
  }

  verify(token: string): Verdict {
    try {
      const claims = jwt.verify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        maxAge: this.lifetimeSeconds + CLOCK_LEEWAY_SECONDS,
      });
      if (typeof claims !== 'object' || claims.typ !== 'access') return { rejected: 'invalid' };
      const { sub, sid, role, exp, iat } = claims;
      // jsonwebtoken believes a token without an expiry, one issued in the future, and a subject that is no string.
      const now = Date.now() / 1000;
      if (typeof sub !== 'string' || typeof sid !== 'string' || exp === undefined || iat === undefined)
        return { rejected: 'invalid' };
      if (iat > now + CLOCK_LEEWAY_SECONDS || !Object.hasOwn(Role, role)) return { rejected: 'invalid' };
      return { viewer: { id: sub, sessionId: sid, role }, expiresAt: new Date(exp * 1000) };
    } catch (error) {
      return { rejected: error instanceof jwt.TokenExpiredError ? 'expired' : 'invalid' };
    }
  }
}
