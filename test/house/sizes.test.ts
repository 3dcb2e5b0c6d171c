/** The sizes of src: a reader finds a file by its folder, and reads it in one go. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MAX_FILES_PER_FOLDER = 15;
const MAX_LINES = 250;

const files = readdirSync('src', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

test('no folder has more than 15 files', () => {
  const folders = Map.groupBy(files, ({ parentPath }) => parentPath);
  expect([...folders].filter(([, { length }]) => length > MAX_FILES_PER_FOLDER).map(([folder]) => folder)).toEqual([]);
});

test('no file has more than 250 lines', () => {
  const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').length - 1;
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  expect(paths.filter((path) => linesOf(path) > MAX_LINES)).toEqual([]);
});
