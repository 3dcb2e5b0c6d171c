/**
 * JSON as Python reads and writes it: integers of any size, and NaN and Infinity in the output. ComfyUI's seeds go up to
 * 2^64 - 1; JavaScript's own JSON would round them.
 */

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** Returns integers beyond 2^53 as bigint. Throws a SyntaxError. */
export function parseJson(text: string): unknown {
  return parse(text, (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source && /^-?\d+$/.test(context.source)
      ? BigInt(context.source)
      : value,
  );
}

/** Writes NaN and Infinity bare, as Python does, although this is not valid JSON. */
export function writeJson(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'bigint' || typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}: ${writeJson(each)}`).join(', ')}}`;
}

/** The same in ASCII, like Python's `json.dumps` by default. PNG text chunks need it. */
export function writeAsciiJson(value: unknown): string {
  return writeJson(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Whether the value is a JSON object, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
