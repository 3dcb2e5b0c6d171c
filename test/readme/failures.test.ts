/** What docs/failures.md says is shown by a test, held against the tests. */
import { readText, tables } from './markdown.js';

/** `[file](../test/file.test.ts): "a part of a name", "a part of another"` */
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

test('every fault names a test, or says why there is none', () => {
  expect(rows.length).toBeGreaterThan(50);
  const silent = rows.filter((row) => testsOf(row).length === 0 && !/No test: \w/.test(row.shownBy));
  expect(silent.map(({ fault }) => fault)).toEqual([]);
});

test('every test that is named is there, under that name', async () => {
  const missing: string[] = [];
  for (const { file, names } of rows.flatMap(testsOf)) {
    const source = await readText(file).catch(() => '');
    // A name may be quoted in its file, and so have its apostrophes escaped.
    const text = source.replaceAll("\\'", "'");
    if (names.length === 0) missing.push(`a name for ${file}`);
    missing.push(...names.filter((name) => !text.includes(name)).map((name) => `${file}: ${name}`));
  }
  expect(missing).toEqual([]);
});
