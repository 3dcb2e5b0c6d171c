/** Reads the docs: their fenced blocks, tables and links. */
import { readdir, readFile } from 'node:fs/promises';

export const ROOT = new URL('../../', import.meta.url);

export const readText = (path: string): Promise<string> => readFile(new URL(path, ROOT), 'utf8');

/** The paths of all docs, such as `docs/clients.md`. */
export async function docs(): Promise<string[]> {
  const isMarkdown = (name: string) => name.endsWith('.md');
  const [root, folder] = await Promise.all([readdir(ROOT), readdir(new URL('docs/', ROOT))]);
  return [...root.filter(isMarkdown), ...folder.filter(isMarkdown).map((name) => `docs/${name}`)];
}

/** The blocks of a language, in order, such as `bash`. */
export const blocks = (markdown: string, language: string): string[] =>
  [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, text]) =>
    name === language && text !== undefined ? [text] : [],
  );

/** The only block of a language that contains this. */
export function block(markdown: string, language: string, part: string): string {
  const found = blocks(markdown, language).filter((text) => text.includes(part));
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`Expected one ${language} block that contains ${part}, found ${found.length}`);
  return found[0];
}

/** The tables whose first column has this heading, each as rows of cells. */
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

/** The code of a cell that contains only code: `4000` for a value in backticks, undefined for words. */
export const codeOf = (cell: string | undefined): string | undefined => /^`([^`]*)`$/.exec(cell ?? '')?.[1];

/** The targets of links and pictures, outside of fenced blocks. */
export const links = (markdown: string): string[] =>
  [...markdown.replace(/^```.*?^```$/gms, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);

/** The anchors of headings, as GitHub generates them. */
export const anchors = (markdown: string): string[] =>
  [...markdown.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm)].map(
    ([, title]) =>
      `#${String(title)
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-')}`,
  );
