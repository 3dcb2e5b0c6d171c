/** What the page changes in prompts when it sends a workflow: it draws choices, and removes comments. */
/** Characters of a prompt; a longer one stays as it is. */
const MAX_PROMPT = 100_000;

/** Removes comments, and replaces `{a|b}` by its first choice; the page draws one. `\{` and `\}` are plain braces. */
export function withoutChoices(given: string): { text: string; hasChoices: boolean } {
  if (given.length > MAX_PROMPT) return { text: given, hasChoices: true };
  const text = withoutComments(given);
  if (!/[{}\\]/.test(text)) return { text, hasChoices: false };
  // Of each open brace only the first choice is written, and that only if the brace itself is in a first choice.
  const outer: boolean[] = [];
  let [out, isFirst, hasChoices] = ['', true, false];
  for (const [token] of text.matchAll(/\\[{}|]|[{}|\\]|[^{}|\\]+/g)) {
    if (token === '{') {
      outer.push(isFirst);
      hasChoices = true;
    } else if (token === '|' && outer.length > 0) isFirst = false;
    else if (token === '}' && outer.length > 0) isFirst = outer.pop() ?? true;
    else if (isFirst) out += token.length === 2 && token.startsWith('\\') ? token.charAt(1) : token;
  }
  return { text: out, hasChoices };
}

function withoutComments(text: string): string {
  let [out, at, hasBlocks] = ['', 0, true];
  const open = /\/[/*]/g;
  for (let found = open.exec(text); found; found = open.exec(text)) {
    const isBlock = found[0] === '/*';
    const end = isBlock ? (hasBlocks ? text.indexOf('*/', found.index + 2) : -1) : endOfLine(text, found.index);
    // Once a block is not closed, none after it is.
    if (end < 0) {
      hasBlocks = false;
      open.lastIndex = found.index + 1;
      continue;
    }
    out += text.slice(at, found.index);
    at = isBlock ? end + 2 : end;
    open.lastIndex = at;
  }
  return out + text.slice(at);
}

function endOfLine(text: string, from: number): number {
  const end = /[\n\r\u2028\u2029]/g;
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
}
