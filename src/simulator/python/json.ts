/**
 * JSON as Python reads and writes it: integers of any size, and NaN and Infinity on the way out. ComfyUI's seeds go up to
 * 2^64 - 1, where JavaScript's own JSON would round them.
 */

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** Integers beyond 2^53 come back as bigint. Throws a SyntaxError. */
export function parseJson(text: string): unknown {
  return parse(text, (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source && /^-?\d+$/.test(context.source)
      ? BigInt(context.source)
      : value,
  );
}

/** NaN and Infinity are written bare, which is not valid JSON, because Python does so. */
export function writeJson(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'bigint' || typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}: ${writeJson(each)}`).join(', ')}}`;
}

/** The same in pure ASCII, as Python's `json.dumps` writes it by default: what a PNG text chunk can hold. */
export function writeAsciiJson(value: unknown): string {
  return writeJson(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A plain object, as JSON has them; not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
