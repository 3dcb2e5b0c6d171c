/**
 * Signs and verifies the tokens of sessions: access tokens are short-lived JWTs, refresh tokens are numbered. Verification covers the
 * signature and the expiry; whether the session still exists is checked in the database.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import { validate as isUuid } from 'uuid';

const ISSUER = 'comfygraph';
const AUDIENCE = 'comfygraph';
const ALGORITHM = 'HS256';
const CLOCK_LEEWAY_SECONDS = 30;
const MAX_VERIFIED = 1_000;

type AccessClaims = { userId: string; sessionId: string; expiresAt: Date };
export type Rejection = { rejected: 'expired' | 'invalid' };

/** Derives a separate key for each use: the key of signed URLs cannot sign tokens. */
const deriveKey = (secret: string, use: string): Buffer => createHmac('sha256', secret).update(use).digest();

export class Tokens {
  readonly #accessKeys: KeyObject[];
  readonly #refreshKeys: Buffer[];
  /** By the token: a client sends it with every request. Only time can make a verified token invalid. */
  readonly #verified = new LRUCache<string, AccessClaims>({ max: MAX_VERIFIED });

  /** @param secrets the first one signs; tokens signed by the others stay valid, so that the secret can be changed */
  constructor(
    secrets: readonly string[],
    readonly lifetimeSeconds: number,
  ) {
    this.#accessKeys = secrets.map((secret) => createSecretKey(deriveKey(secret, 'access token')));
    this.#refreshKeys = secrets.map((secret) => deriveKey(secret, 'refresh token'));
  }

  signAccess(userId: string, sessionId: string): { token: string; expiresAt: Date } {
    const expiresAt = new Date((Math.floor(Date.now() / 1000) + this.lifetimeSeconds) * 1000);
    const token = jwt.sign({ sid: sessionId, typ: 'access', exp: expiresAt.getTime() / 1000 }, this.#signingKey, {
      algorithm: ALGORITHM,
      issuer: ISSUER,
      audience: AUDIENCE,
      subject: userId,
    });
    return { token, expiresAt };
  }

  verifyAccess(token: string): AccessClaims | Rejection {
    const known = this.#verified.get(token);
    if (known && known.expiresAt.getTime() > Date.now()) return known;
    const claims = this.#verify(token);
    if (!('rejected' in claims)) this.#verified.set(token, claims);
    return claims;
  }

  #verify(token: string): AccessClaims | Rejection {
    let rejection: Rejection = { rejected: 'invalid' };
    for (const key of this.#accessKeys) {
      try {
        return this.#validateClaims(jwt.verify(token, key, this.#verifyOptions));
      } catch (error) {
        if (error instanceof jwt.TokenExpiredError) rejection = { rejected: 'expired' };
      }
    }
    return rejection;
  }

  signRefresh(sessionId: string, number: number): string {
    return `${sessionId}.${number}.${mac(this.#refreshKeys[0] as Buffer, sessionId, number).toString('base64url')}`;
  }

  /** Undefined for a malformed or forged token. */
  verifyRefresh(token: string): { sessionId: string; number: number } | undefined {
    const [sessionId, digits, signature] = token.split('.');
    if (!sessionId || !isUuid(sessionId) || !digits || !/^\d{1,9}$/.test(digits) || !signature) return undefined;
    const number = Number(digits);
    const given = Buffer.from(signature, 'base64url');
    const isOurs = this.#refreshKeys.some((key) => {
      const own = mac(key, sessionId, number);
      return own.length === given.length && timingSafeEqual(own, given);
    });
    return isOurs ? { sessionId, number } : undefined;
  }

  get #signingKey(): KeyObject {
    return this.#accessKeys[0] as KeyObject;
  }

  get #verifyOptions(): jwt.VerifyOptions & { complete?: false } {
    return {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      maxAge: this.lifetimeSeconds + CLOCK_LEEWAY_SECONDS,
    };
  }

  #validateClaims(claims: jwt.JwtPayload | string): AccessClaims | Rejection {
    if (typeof claims !== 'object' || claims.typ !== 'access') return { rejected: 'invalid' };
    const { sub, sid, exp, iat } = claims;
    // jsonwebtoken accepts a token without an expiry, one issued in the future, and a subject that is not a string.
    if (typeof sub !== 'string' || typeof sid !== 'string' || exp === undefined || iat === undefined)
      return { rejected: 'invalid' };
    if (!isUuid(sub) || !isUuid(sid)) return { rejected: 'invalid' };
    // A token may be issued in the future, because clocks differ and are set back. Its lifetime may not exceed ours.
    if (exp - iat > this.lifetimeSeconds + CLOCK_LEEWAY_SECONDS) return { rejected: 'expired' };
    return { userId: sub, sessionId: sid, expiresAt: new Date(exp * 1000) };
  }
}

const mac = (key: Buffer, sessionId: string, number: number): Buffer =>
  createHmac('sha256', key).update(`${sessionId}.${number}`).digest();
