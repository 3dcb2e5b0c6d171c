/** Forges access tokens. */
import { createHmac } from 'node:crypto';

/** The JWT_SECRET of the apps in these tests, so that a token with wrong claims can have a correct signature. */
export const SECRET = 'kR7vQ2mZ9xW4tB6nL1cJ8sD3fH5gP0yU';

export type Claims = Record<string, unknown>;

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

export const claimsOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** Signs like the server by default. */
export function forge(claims: unknown, { alg = 'HS256', secret = SECRET, header = {} }: ForgeOptions = {}): string {
  const signed = `${encode({ alg, typ: 'JWT', ...header })}.${encode(claims)}`;
  const digest = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }[alg];
  if (!digest) return `${signed}.`;
  const key = createHmac('sha256', secret).update('access token').digest();
  return `${signed}.${createHmac(digest, key).update(signed).digest('base64url')}`;
}

export type ForgeOptions = { alg?: string; secret?: string; header?: object };

/** An expired token with a correct signature. */
export const expired = (token: string): string => {
  const now = Math.floor(Date.now() / 1000);
  return forge({ ...claimsOf(token), iat: now - 20, exp: now - 10 });
};
