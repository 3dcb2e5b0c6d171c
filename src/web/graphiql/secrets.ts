/** Removes secrets from what the page stores and shows: passwords in documents and variables, tokens in responses, headers. */
import type { Storage as GraphiQLStorage } from '@graphiql/toolkit';

const PREFIX = 'graphiql:';
/** A document or variables with one of these words may contain a secret in any string. */
const SENSITIVE = /password|token|secret|authorization/i;
/** Strings of these fields are not secret. */
const HARMLESS = ['email', 'name', 'id', 'userId', 'prompt'];
const STRING = new RegExp(
  String.raw`(\b(?:${HARMLESS.join('|')})\s*:\s*)?("""[\s\S]*?(?:"""|$)|"(?:[^"\\\n]|\\.)*"?)`,
  'g',
);
const TOKEN = /^(eyJ[\w-]+\.[\w-]+\.[\w-]+|[\da-f-]{36}\.\d+\.[\w-]+)$/;

/** Local storage for GraphiQL, which keeps its tabs and history there. Also cleans entries of earlier versions. */
export function withoutSecrets(storage: Storage): GraphiQLStorage {
  const setItem = (key: string, value: string) => storage.setItem(key, clean(key, value));
  for (const key of Object.keys(storage).filter((key) => key.startsWith(PREFIX))) {
    const value = storage.getItem(key) ?? '';
    if (clean(key, value) !== value) setItem(key, value);
  }
  return {
    getItem: (key) => storage.getItem(key),
    setItem,
    removeItem: (key) => storage.removeItem(key),
    clear: () => storage.clear(),
    get length() {
      return storage.length;
    },
  };
}

function clean(key: string, value: string): string {
  if (key === `${PREFIX}headers` || key === `${PREFIX}variables`) return '';
  if (key === `${PREFIX}query`) return cleanDocument(value);
  try {
    return JSON.stringify(JSON.parse(value), (_, part) => (isRequest(part) ? cleanRequest(part) : part));
  } catch {
    return value;
  }
}

type StoredRequest = { query: string; variables?: unknown; headers?: unknown };

const isRequest = (part: unknown): part is StoredRequest =>
  typeof part === 'object' && part !== null && 'query' in part && typeof part.query === 'string';

function cleanRequest(request: StoredRequest): StoredRequest {
  const { query } = request;
  const variables = typeof request.variables === 'string' ? request.variables : '';
  const isSensitive = SENSITIVE.test(query) || SENSITIVE.test(variables);
  return {
    ...request,
    query: cleanDocument(query),
    variables: isSensitive ? cleanVariables(variables) : request.variables,
    headers: null,
  };
}

const cleanDocument = (query: string): string =>
  SENSITIVE.test(query) ? query.replace(STRING, (whole, harmless) => (harmless ? whole : '""')) : query;

function cleanVariables(text: string): string | null {
  try {
    const blank = (key: string, value: unknown) => (typeof value === 'string' && !HARMLESS.includes(key) ? '' : value);
    return JSON.stringify(JSON.parse(text), blank, 2);
  } catch {
    return null;
  }
}

/** Hides the tokens in a response, which the page keeps itself. An API key stays visible: it is shown once. */
export function hideTokens<Response>(response: Response): Response {
  return JSON.parse(
    JSON.stringify(response, (_, part) =>
      typeof part === 'string' && TOKEN.test(part) ? '(kept by this page)' : part,
    ),
  );
}
