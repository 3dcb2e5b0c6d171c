/** Finds the credential of a WebSocket client. Client libraries send it in several places; an unknown form is an error, and not anonymous. */
import type { IncomingMessage } from 'node:http';

export const EXPECTED_CREDENTIAL = 'Send the credential in connectionParams as "authorization": "Bearer <token>"';

/** `unreadable`: something looks like a credential, in a form that no client library uses by default. */
export type PresentedCredential = { authorization: unknown } | 'none' | 'unreadable';

type Params = Readonly<Record<string, unknown>>;

/** `authToken` is in Apollo's documentation; the others are common variants. The value is the bare token, or `Bearer <token>`. */
const TOKEN_NAMES = new Set(['authtoken', 'token', 'accesstoken', 'apikey']);
const LOOKS_LIKE_CREDENTIAL = /authorization|^auth$|token|jwt|bearer|apikey|credential/;
const NO_CREDENTIAL = /csrf|xsrf/;
/** Levels of objects in `connectionParams`. */
const MAX_DEPTH = 3;

/**
 * Reads, in this order: `connectionParams.authorization`, `connectionParams.headers.authorization`, a token in `connectionParams`, and the
 * header of the upgrade request, which browsers cannot set. Ignores case, and empty values.
 */
export function presentedCredential(
  params: Params | undefined,
  { headers = {}, url = '' }: Partial<Pick<IncomingMessage, 'headers' | 'url'>> = {},
): PresentedCredential {
  const given = params ?? {};
  const inHeaders = find(given, (name) => name === 'headers');
  const authorization =
    find(given, isAuthorization) ?? (isObject(inHeaders) ? find(inHeaders, isAuthorization) : undefined);
  if (authorization !== undefined) return hasNoScheme(authorization) ? 'unreadable' : { authorization };
  const token = find(given, (name) => TOKEN_NAMES.has(name));
  if (token !== undefined) return { authorization: hasNoScheme(token) ? `Bearer ${token}` : token };
  if (headers.authorization) return { authorization: headers.authorization };
  const inUrl = Object.fromEntries(new URLSearchParams(url.split('?')[1] ?? ''));
  return hasCredential(given) || hasCredential(inUrl) ? 'unreadable' : 'none';
}

const isAuthorization = (name: string): boolean => name === 'authorization';

/** @returns the first value that is not empty. Names are normalized: `x-api-key`, `API_KEY` and `apiKey` are the same. */
const find = (params: Params, isWanted: (name: string) => boolean): unknown =>
  Object.entries(params).find(([name, value]) => !isEmpty(value) && isWanted(normalize(name)))?.[1];

const normalize = (name: string): string => name.toLowerCase().replace(/[^a-z]|^x-/g, '');
const isEmpty = (value: unknown): boolean => value == null || value === '' || value === false;
const isObject = (value: unknown): value is Params => typeof value === 'object' && value !== null;
const hasNoScheme = (value: unknown): value is string =>
  typeof value === 'string' && !/^(bearer$|\S+\s)/i.test(value.trim());

const hasCredential = (params: Params, depth = 1): boolean =>
  Object.entries(params).some(([name, value]) => {
    if (isEmpty(value) || NO_CREDENTIAL.test(normalize(name))) return false;
    if (LOOKS_LIKE_CREDENTIAL.test(normalize(name))) return true;
    return isObject(value) && depth < MAX_DEPTH && hasCredential(value, depth + 1);
  });
