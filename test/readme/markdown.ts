/** Reads README.md: its fenced blocks, tables and links. What they ought to say is the tests'. */
import { readFile } from 'node:fs/promises';

export const ROOT = new URL('../../', import.meta.url);

export const readText = (path: string): Promise<string> => readFile(new URL(path, ROOT), 'utf8');

/** The blocks of a language, in order, such as `bash`. */
export const blocks = (markdown: string, language: string): string[] =>
  [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, text]) =>
    name === language && text !== undefined ? [text] : [],
  );

/** The only block of a language that contains this. */
export function block(markdown: string, language: string, part: string): string {
  const found = blocks(markdown, language).filter((text) => text.includes(part));
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`README.md has ${found.length} blocks of ${language} with ${part}`);
  return found[0];
}

/** The rows of each table whose first column is headed so; a row is the text of its cells. */
export const tables = (markdown: string, firstColumn: string): string[][][] =>
  [...markdown.matchAll(/^(?:\|.*\|\n)+/gm)]
    .map(([table]) => table.trim().split('\n').map(cells))
    .filter(([head]) => head?.[0] === firstColumn)
    .map((rows) => rows.slice(2));

const cells = (row: string): string[] =>
  row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/** What stands in backticks and nothing else: `4000` of a cell with code, undefined of one with words. */
export const codeOf = (cell: string | undefined): string | undefined => /^`([^`]*)`$/.exec(cell ?? '')?.[1];

/** Where links and pictures lead. */
export const links = (markdown: string): string[] =>
  [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);

/** The anchors of headings, as they are made for links. */
export const anchors = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.*)$/gm)].map(
    ([, title]) =>
      `#${String(title)
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-')}`,
  );
