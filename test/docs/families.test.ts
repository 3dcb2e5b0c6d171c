/** docs/families.md names the families that the server has. */
import { readFileSync } from 'node:fs';
import { families } from '../../src/workflows/built-in/index.js';

test('the table of families has a row for each one that is not derived from another', () => {
  const rows = [...readFileSync('docs/families.md', 'utf8').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  const derived = /-(image-to-image|inpaint)$/;
  const names = families.map(({ name }) => name).filter((name) => !derived.test(name));
  expect(rows.sort()).toEqual(names.sort());
});
