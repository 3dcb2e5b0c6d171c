/** Compares the test names in docs/failures.md with the tests. */
import { readText, tables } from './markdown.js';

/** `[file](../test/file.test.ts): "part of a name", "part of another name"` */
const SHOWN_BY = /\]\(\.\.\/(test\/[^)]+)\)((?:[:,] "[^"]+")*)/g;

type Row = { fault: string; shownBy: string };

let rows: Row[];
beforeAll(async () => {
  rows = tables(await readText('docs/failures.md'), 'Fault')
    .flat()
    .map(([fault = '', , shownBy = '']) => ({ fault, shownBy }));
});

const testsOf = ({ shownBy }: Row): { file: string; names: string[] }[] =>
  [...shownBy.matchAll(SHOWN_BY)].map(([, file, names]) => ({
    file: String(file),
    names: [...String(names).matchAll(/"([^"]+)"/g)].map(([, name]) => String(name)),
  }));

test('every fault names a test, or says why it has none', () => {
  expect(rows.length).toBeGreaterThan(50);
  const unproven = rows.filter((row) => testsOf(row).length === 0 && !/No test: \w/.test(row.shownBy));
  expect(unproven.map(({ fault }) => fault)).toEqual([]);
});

test('every named test exists under that name', async () => {
  const missing: string[] = [];
  for (const { file, names } of rows.flatMap(testsOf)) {
    const source = await readText(file).catch(() => '');
    // A quoted test name escapes its apostrophes.
    const text = source.replaceAll("\\'", "'");
    if (names.length === 0) missing.push(`a name for ${file}`);
    missing.push(...names.filter((name) => !text.includes(name)).map((name) => `${file}: ${name}`));
  }
  expect(missing).toEqual([]);
});
