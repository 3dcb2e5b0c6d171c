/** Finds the credential that a client of a WebSocket presents. Clients have several places for it, and nobody is signed out silently. */
import type { IncomingMessage } from 'node:http';

export const EXPECTED_CREDENTIAL = 'Send the credential in connectionParams as "authorization": "Bearer <token>"';

/** `unreadable`: the client sends what looks like a credential, in a form that no client library has by default. */
export type PresentedCredential = { authorization: unknown } | 'none' | 'unreadable';

type Params = Readonly<Record<string, unknown>>;

/** `authToken` is Apollo's own example, the others are its usual variants. Their value is the bare token, or `Bearer <token>`. */
const TOKEN_NAMES = new Set(['authtoken', 'token', 'accesstoken', 'apikey']);
const LOOKS_LIKE_CREDENTIAL = /authorization|^auth$|token|jwt|bearer|apikey|credential/;
const NO_CREDENTIAL = /csrf|xsrf/;
/** Of objects within `connectionParams`. */
const MAX_DEPTH = 3;

/**
 * In this order: `connectionParams.authorization`, `connectionParams.headers.authorization`, a token in `connectionParams`, and the header
 * of the upgrade, which browsers cannot set. Case does not matter, and an empty value is none.
 */
export function presentedCredential(
  params: Params | undefined,
  { headers, url = '' }: Pick<IncomingMessage, 'headers' | 'url'>,
): PresentedCredential {
  const given = params ?? {};
  const inHeaders = find(given, (name) => name === 'headers');
  const authorization =
    find(given, isAuthorization) ?? (isObject(inHeaders) ? find(inHeaders, isAuthorization) : undefined);
  if (authorization !== undefined) return hasNoScheme(authorization) ? 'unreadable' : { authorization };
  const token = find(given, (name) => TOKEN_NAMES.has(name));
  if (token !== undefined) return { authorization: hasNoScheme(token) ? `Bearer ${token}` : token };
  if (headers.authorization) return { authorization: headers.authorization };
  const inAddress = Object.fromEntries(new URLSearchParams(url.split('?')[1] ?? ''));
  return hasCredential(given) || hasCredential(inAddress) ? 'unreadable' : 'none';
}

const isAuthorization = (name: string): boolean => name === 'authorization';

/** The first value that is not empty. Names are compared in small letters, without signs: `x-api-key`, `API_KEY` and `apiKey` are one. */
const find = (params: Params, isWanted: (name: string) => boolean): unknown =>
  Object.entries(params).find(([name, value]) => !isEmpty(value) && isWanted(plain(name)))?.[1];

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]|^x-/g, '');
const isEmpty = (value: unknown): boolean => value == null || value === '' || value === false;
const isObject = (value: unknown): value is Params => typeof value === 'object' && value !== null;
const hasNoScheme = (value: unknown): value is string =>
  typeof value === 'string' && !/^(bearer$|\S+\s)/i.test(value.trim());

const hasCredential = (params: Params, depth = 1): boolean =>
  Object.entries(params).some(([name, value]) => {
    if (isEmpty(value) || NO_CREDENTIAL.test(plain(name))) return false;
    if (LOOKS_LIKE_CREDENTIAL.test(plain(name))) return true;
    return isObject(value) && depth < MAX_DEPTH && hasCredential(value, depth + 1);
  });
