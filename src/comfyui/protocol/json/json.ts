/** Parses untrusted JSON as ComfyUI writes it. Returns undefined if it is not JSON; nothing here throws. */

/**
 * A string, or a word that Python's `json` writes for floats that JSON does not have. A string that is not closed ends with the text, so that
 * each character is looked at once.
 */
const STRING_OR_FLOAT_WORD = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|-?(?:NaN|Infinity)/gs;

/** Escapes of characters that PostgreSQL does not store in text: NUL, and halves of surrogate pairs. */
export const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/**
 * Parses JSON. Returns null for NaN and the infinities: one such float must not make a whole history entry unreadable. Strings are
 * well-formed Unicode without NUL, so that PostgreSQL can store them.
 */
export function parseJson(text: string): unknown {
  const value = parseAsItIs(text);
  return UNSTORABLE.test(text) ? storable(value) : value;
}

/** As `parseJson`, but strings stay as they are. */
export function parseAsItIs(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (!text.includes('NaN') && !text.includes('Infinity')) return undefined;
  }
  try {
    return JSON.parse(text.replace(STRING_OR_FLOAT_WORD, (token) => (token.startsWith('"') ? token : 'null')));
  } catch {
    return undefined;
  }
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storable(item)]));
}

/** Lone surrogates become U+FFFD. */
export const storableText = (text: string): string =>
  text
    .replaceAll('\0', '')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');

export type JsonObject = { [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isString = (value: unknown): value is string => typeof value === 'string';

export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const toText = (value: unknown): string => (isString(value) ? value : '');

export const toNumber = (value: unknown): number => (isNumber(value) ? value : 0);

export const toStrings = (value: unknown): string[] => (Array.isArray(value) ? value.filter(isString) : []);

/** Maps the values of a record with `read`, and drops values for which it returns undefined. */
export function toRecord<T>(value: unknown, read: (value: unknown) => T | undefined): Record<string, T> {
  if (!isObject(value)) return {};
  // fromEntries defines own properties; assignment to `__proto__` would call a setter.
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const result = read(item);
      return result === undefined ? [] : [[key, result]];
    }),
  );
}

/** The record's own value at `key`: node ids such as `constructor` must not find inherited properties. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;
