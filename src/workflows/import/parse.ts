/** Text or a value from outside → a JSON value of bounded size and depth. */
import { isObject, parseAsItIs } from '../../comfyui/protocol/json/json.js';
import { isStorable } from '../../graphql/text.js';
import { MAX_DEPTH, MAX_DOCUMENT_LENGTH, MAX_VALUES, refused } from './bounds.js';

/** @throws BAD_USER_INPUT if it is too large, too deep, or not JSON */
export function parseDocument(text: string): unknown {
  if (text.length > MAX_DOCUMENT_LENGTH) throw tooLong();
  requireSmall(text);
  const value = parseAsItIs(text.startsWith('\ufeff') ? text.slice(1) : text);
  if (value === undefined) throw refused('The document is not JSON, nor a file that carries a workflow');
  return bounded(value);
}

/** Counts levels and values outside strings, before anything recursive or slow sees the text. */
function requireSmall(text: string): void {
  let [depth, values] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at += 1;
      for (let inner = text.charCodeAt(at); at < text.length && inner !== QUOTE; inner = text.charCodeAt(at))
        at += inner === BACKSLASH ? 2 : 1;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      depth += 1;
      values += 1;
      if (depth > MAX_DEPTH) throw tooDeep();
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth -= 1;
    else if (char === COMMA) values += 1;
  }
  if (values > MAX_VALUES) throw tooMany();
}

const [QUOTE, BACKSLASH, COMMA, OPEN_BRACE, OPEN_BRACKET, CLOSE_BRACE, CLOSE_BRACKET] = [...'"\\,{[}]'].map((char) =>
  char.charCodeAt(0),
);

const tooLong = () => refused(`The document is longer than ${MAX_DOCUMENT_LENGTH / 1_000_000} MB`);
const tooDeep = () => refused(`The document has more than ${MAX_DEPTH} levels`);
const tooMany = () => refused(`The document has more than ${MAX_VALUES} values`);

/** A replacement would be another text than the author's. */
const unstorable = () => refused('The document contains NUL characters or broken Unicode');

/** The value itself. Walks it level by level, so that no depth exhausts the stack. @throws BAD_USER_INPUT */
export function bounded(value: unknown): unknown {
  let [count, length] = [0, 0];
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw tooDeep();
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each === 'string') length += each.length;
      if (length > MAX_DOCUMENT_LENGTH) throw tooLong();
      if (typeof each === 'string' && !isStorable(each)) throw unstorable();
      if (!Array.isArray(each) && !isObject(each)) continue;
      if (!Array.isArray(each) && !Object.keys(each).every(isStorable)) throw unstorable();
      const inner = Array.isArray(each) ? each : Object.values(each);
      count += inner.length;
      if (count > MAX_VALUES) throw tooMany();
      for (const one of inner) next.push(one);
    }
    level = next;
  }
  return value;
}
