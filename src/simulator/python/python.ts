/**
 * Python's conversions, `repr` and error messages. ComfyUI's error texts are Python's, and clients read them. JavaScript
 * does not distinguish `7` from `7.0`, so whole floats are printed as `7.0` only where the type is known.
 */

/** An exception with its Python type (`ValueError`, `torch.OutOfMemoryError`); the message is what `str()` returns. */
export class PythonError extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** Python's error for a missing key; its message is the key's `repr`. */
export function keyError(key: unknown): PythonError {
  return new PythonError('KeyError', repr(key));
}

export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return { string: 'str', boolean: 'bool', bigint: 'int' }[typeof value as string] ?? 'dict';
}

export function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return reprText(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${repr(key)}: ${repr(each)}`)
    .join(', ')}}`;
}

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`);
  return quote + escaped + quote;
}

/** `str(value)`. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : repr(value);
}

/** A float as Python prints it: `7.0`, not `7`. */
export function floatText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `int(value)`. Throws a PythonError. */
export function toInt(value: unknown): number | bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value !== 'string') {
    throw new PythonError(
      'TypeError',
      `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
    );
  }
  const digits = value.trim().replace(/(?<=\d)_(?=\d)/g, '');
  if (!/^[+-]?\d+$/.test(digits)) {
    throw new PythonError('ValueError', `invalid literal for int() with base 10: ${repr(value)}`);
  }
  const whole = BigInt(digits.replace(/^\+/, ''));
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

/** `float(value)`. Throws a PythonError. */
export function toFloat(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') {
    throw new PythonError('TypeError', `float() argument must be a string or a real number, not '${typeName(value)}'`);
  }
  const word = value.trim().toLowerCase();
  if (/^[+-]?nan$/.test(word)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word)) {
    throw new PythonError('ValueError', `could not convert string to float: ${repr(value)}`);
  }
  return Number(word);
}

/** `bool(value)`: an empty list, object or string is false; any other string is true. */
export function toBool(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
