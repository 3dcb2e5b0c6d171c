/** The tokens of JSON, as Python writes them. */
import { storableText, UNSTORABLE } from './json.js';

export class JsonSyntaxError extends Error {
  override name = 'JsonSyntaxError';
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', null],
  ['Infinity', null],
  ['-Infinity', null],
]);

/** The value of a word or number. @throws JsonSyntaxError */
export function constantOf(word: string): unknown {
  if (WORDS.has(word)) return WORDS.get(word);
  if (NUMBER.test(word)) return Number(word);
  throw unexpected(word.slice(0, 20));
}

/** Whether an odd number of backslashes ends before `end`, so that the next character is escaped. */
export function endsEscaping(text: string, start: number, end: number): boolean {
  let at = end;
  while (at > start && text[at - 1] === '\\') at -= 1;
  return (end - at) % 2 === 1;
}

/** Sets an own property; also for `__proto__`, where assignment would call a setter. */
export function set(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true });
  else target[key] = value;
}

/** Decodes a JSON string with its quotes. Returns text that PostgreSQL can store, as `parseJson` does. @throws JsonSyntaxError */
export function unquoted(text: string): string {
  try {
    const value = JSON.parse(text) as string;
    return UNSTORABLE.test(text) ? storableText(value) : value;
  } catch {
    throw new JsonSyntaxError('Malformed string in JSON');
  }
}

export const unexpected = (what: string) => new JsonSyntaxError(`Unexpected ${what}`);
