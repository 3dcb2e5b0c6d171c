/**
 * Reads JSON as it arrives, so that no response is in memory as a whole and none blocks the event loop: the caller picks the parts it
 * needs. As lenient as `parseJson`: NaN and the infinities, which Python writes, are null.
 */
import { constantOf, endsEscaping, JsonSyntaxError, set, unexpected, unquoted } from './json-tokens.js';

export type Path = readonly (string | number)[];

export type Picker = {
  /** Whether the value at this path is needed. Other values are skipped, and are null where they are an element. */
  wants?(path: Path): boolean;
  /** Called with each complete value, the inner ones first. Returns what is kept of it; undefined drops it. */
  keep?(path: Path, value: unknown): unknown;
};

type Container = { value: unknown[] | Record<string, unknown>; close: '}' | ']' };
type Expected = 'value' | 'first' | 'key' | 'colon' | 'comma' | 'end';

const SPACE = /[ \t\n\r]+/y;
const WORD = /[^\s,:{}[\]"]+/y;
/** No number that Python writes is longer. */
const LONGEST_WORD = 5_000;
const BRACKET = /["{}[\]]/g;

export class JsonStream {
  /** How many values were complete so far: it rises while the response makes progress. */
  values = 0;
  /** Length of the kept texts and numbers. */
  kept = 0;
  readonly #path: (string | number)[] = [];
  readonly #open: Container[] = [];
  readonly #picker: Picker;
  #expected: Expected = 'value';
  #result: unknown;
  /** A word or number whose end may not have arrived. */
  #rest = '';
  /** A string whose end has not arrived: its parts, or undefined where it is not needed. */
  #string: { parts: string[] | undefined; isKey: boolean } | undefined;
  /** Whether the next character of the string is escaped by a backslash at the end of the last chunk. */
  #isEscaped = false;
  #isStringOver = false;
  /** The number of open brackets of a value that is skipped. */
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
      if (this.#string) at = this.#goOn(text, at);
      else if (this.#skipping > 0) at = this.#skip(text, at);
      else at = this.#read(text, at);
    }
  }

  /** The whole value. @throws JsonSyntaxError where it is cut */
  end(): unknown {
    // A number or a word ends with the text.
    if (this.#rest !== '') this.write(' ');
    if (this.#expected !== 'end' || this.#string || this.#skipping > 0) throw new JsonSyntaxError('The JSON is cut');
    return this.#result;
  }

  /** Where to go on. */
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

  /** On with the string that is open. */
  #goOn(text: string, at: number): number {
    const end = this.#endOfString(text, at);
    const { parts, isKey } = this.#string ?? {};
    if (parts) parts.push(text.slice(at, end));
    if (!this.#isStringOver) return end;
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

  /** The place behind the quote that closes the string; the end of the text, with `#string` still open, where it has not arrived. */
  #endOfString(text: string, at: number): number {
    const start = this.#isEscaped ? at + 1 : at;
    this.#isEscaped = false;
    for (let quote = text.indexOf('"', start); quote >= 0; quote = text.indexOf('"', quote + 1)) {
      if (!endsEscaping(text, start, quote)) {
        this.#isStringOver = true;
        return quote + 1;
      }
    }
    this.#isEscaped = endsEscaping(text, start, text.length);
    this.#isStringOver = false;
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
