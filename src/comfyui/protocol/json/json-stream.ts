/**
 * An incremental JSON parser: no response is in memory as a whole, and none blocks the event loop. The caller picks the parts to keep.
 * Reads NaN and the infinities, which Python writes, as null, as `parseJson` does.
 */
import { constantOf, endsEscaping, JsonSyntaxError, set, unexpected, unquoted } from './json-tokens.js';

export type Path = readonly (string | number)[];

export type Picker = {
  /** Whether to keep the value at this path. Other values are skipped; a skipped element of an array is null. */
  wants?(path: Path): boolean;
  /** Called with each complete value, inner values first. Returns the value to keep; undefined drops it. */
  keep?(path: Path, value: unknown): unknown;
};

type Container = { value: unknown[] | Record<string, unknown>; close: '}' | ']' };
type Expected = 'value' | 'first' | 'key' | 'colon' | 'comma' | 'end';

const SPACE = /[ \t\n\r]+/y;
const WORD = /[^\s,:{}[\]"]+/y;
/** Python writes no longer number. */
const LONGEST_WORD = 5_000;
const BRACKET = /["{}[\]]/g;

export class JsonStream {
  /** The number of complete values so far: it rises while the response makes progress. */
  values = 0;
  /** The total length of the kept strings and numbers, in characters. */
  kept = 0;
  readonly #path: (string | number)[] = [];
  readonly #open: Container[] = [];
  readonly #picker: Picker;
  #expected: Expected = 'value';
  #result: unknown;
  /** A word or number that may continue in the next chunk. */
  #rest = '';
  /** A string that continues in the next chunk: its parts, or undefined if it is skipped. */
  #string: { parts: string[] | undefined; isKey: boolean } | undefined;
  /** Whether a backslash at the end of the last chunk escapes the next character. */
  #isEscaped = false;
  #isStringComplete = false;
  /** The number of open brackets of a skipped value. */
  #skipping = 0;

  constructor(picker: Picker = {}) {
    this.#picker = picker;
  }

  /** @throws JsonSyntaxError */
  write(chunk: string): void {
    const text = this.#rest + chunk;
    this.#rest = '';
    let at = 0;
    while (at < text.length) {
      if (this.#string) at = this.#continueString(text, at);
      else if (this.#skipping > 0) at = this.#skip(text, at);
      else at = this.#read(text, at);
    }
  }

  /** Returns the value. @throws JsonSyntaxError if the JSON is incomplete */
  end(): unknown {
    // The end of the text also ends a number or a word.
    if (this.#rest !== '') this.write(' ');
    if (this.#expected !== 'end' || this.#string || this.#skipping > 0)
      throw new JsonSyntaxError('Unexpected end of JSON');
    return this.#result;
  }

  /** Parses one token. Returns the index after it. */
  #read(text: string, at: number): number {
    const char = text.charAt(at);
    if (char === ' ' || char === '\n' || char === '\r' || char === '\t') {
      SPACE.lastIndex = at;
      SPACE.test(text);
      return SPACE.lastIndex;
    }
    switch (char) {
      case '{':
      case '[':
        return this.#enter(char, at);
      case '}':
      case ']':
        this.#leave(char);
        return at + 1;
      case ',': {
        const top = this.#open.at(-1);
        if (this.#expected !== 'comma' || !top) throw unexpected(char);
        this.#expected = top.close === '}' ? 'key' : 'value';
        if (top.close === ']') this.#path[this.#path.length - 1] = Number(this.#path.at(-1)) + 1;
        return at + 1;
      }
      case ':':
        if (this.#expected !== 'colon') throw unexpected(char);
        this.#expected = 'value';
        return at + 1;
      case '"':
        return this.#begin(at);
      default:
        return this.#word(text, at);
    }
  }

  #enter(char: '{' | '[', at: number): number {
    this.#expectValue(char);
    if (!this.#isWanted()) {
      this.#skipping = 1;
      return at + 1;
    }
    const isObject = char === '{';
    this.#open.push({ value: isObject ? {} : [], close: isObject ? '}' : ']' });
    this.#path.push(isObject ? '' : 0);
    this.#expected = 'first';
    return at + 1;
  }

  #leave(char: '}' | ']'): void {
    const top = this.#open.at(-1);
    if (top?.close !== char || (this.#expected !== 'comma' && this.#expected !== 'first')) throw unexpected(char);
    this.#open.pop();
    this.#path.pop();
    this.#complete(top.value);
  }

  #begin(at: number): number {
    const isKey = this.#open.at(-1)?.close === '}' && (this.#expected === 'key' || this.#expected === 'first');
    if (!isKey) this.#expectValue('"');
    this.#string = { parts: isKey || this.#isWanted() ? ['"'] : undefined, isKey };
    return at + 1;
  }

  /** Continues the open string. Returns the index after it. */
  #continueString(text: string, at: number): number {
    const end = this.#endOfString(text, at);
    const { parts, isKey } = this.#string ?? {};
    if (parts) parts.push(text.slice(at, end));
    if (!this.#isStringComplete) return end;
    this.#string = undefined;
    if (this.#skipping > 0) return end;
    if (!parts) this.#complete(null);
    else {
      const value = unquoted(parts.join(''));
      if (isKey) {
        this.#path[this.#path.length - 1] = value;
        this.#expected = 'colon';
      } else {
        this.kept += value.length;
        this.#complete(value);
      }
    }
    return end;
  }

  #word(text: string, at: number): number {
    WORD.lastIndex = at;
    const [word = ''] = WORD.exec(text) ?? [];
    if (at + word.length === text.length && word.length < LONGEST_WORD) {
      this.#rest = word;
      return text.length;
    }
    this.#expectValue(word);
    const value = constantOf(word);
    this.kept += word.length;
    this.#complete(value);
    return at + word.length;
  }

  #skip(text: string, at: number): number {
    BRACKET.lastIndex = at;
    const found = BRACKET.exec(text);
    if (!found) return text.length;
    const [char] = found;
    if (char === '"') this.#string = { parts: undefined, isKey: false };
    else this.#skipping += char === '{' || char === '[' ? 1 : -1;
    if (this.#skipping === 0) this.#complete(null);
    return found.index + 1;
  }

  /** Returns the index after the closing quote, or the end of the text if that quote has not arrived. */
  #endOfString(text: string, at: number): number {
    const start = this.#isEscaped ? at + 1 : at;
    this.#isEscaped = false;
    for (let quote = text.indexOf('"', start); quote >= 0; quote = text.indexOf('"', quote + 1)) {
      if (!endsEscaping(text, start, quote)) {
        this.#isStringComplete = true;
        return quote + 1;
      }
    }
    this.#isEscaped = endsEscaping(text, start, text.length);
    this.#isStringComplete = false;
    return text.length;
  }

  #expectValue(char: string): void {
    const isFirst = this.#expected === 'first' && this.#open.at(-1)?.close === ']';
    if (this.#expected !== 'value' && !isFirst) throw unexpected(char);
  }

  #isWanted(): boolean {
    return this.#path.length === 0 || (this.#picker.wants?.(this.#path) ?? true);
  }

  #complete(value: unknown): void {
    this.values += 1;
    const kept = this.#picker.keep ? this.#picker.keep(this.#path, value) : value;
    const parent = this.#open.at(-1);
    this.#expected = parent ? 'comma' : 'end';
    if (!parent) this.#result = kept;
    else if (kept === undefined) return;
    else if (Array.isArray(parent.value)) parent.value.push(kept);
    else set(parent.value, String(this.#path.at(-1)), kept);
  }
}
