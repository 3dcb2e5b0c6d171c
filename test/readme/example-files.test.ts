/** The examples in the README are the files in examples/, and the README names each of those. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { block, ROOT, readText } from './markdown.js';

const execute = promisify(execFile);

let readme: string;
beforeAll(async () => {
  readme = await readText('README.md');
});

test.each([
  ['curl.sh', 'bash', 'picture.png'],
  ['powershell.ps1', 'powershell', 'Invoke-RestMethod'],
  ['job.mjs', 'js', 'picture.png'],
  ['socket.mjs', 'js', 'export function openSocket'],
  ['follow.mjs', 'js', 'export async function follow'],
])('examples/%s is the block of the README', async (name, language, part) => {
  expect(await readText(`examples/${name}`)).toBe(block(readme, language, part));
});

test('examples/stream.sh is the block of the README, after those for curl', async () => {
  const text = await readText('examples/stream.sh');
  expect(text.endsWith(block(readme, 'bash', '/graphql/stream'))).toBe(true);
  expect(text).toContain('curl.sh');
});

test('the README names every file of examples/', async () => {
  const entries = await readdir(new URL('examples/', ROOT), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(names.filter((name) => !readme.includes(`](examples/${name})`))).toEqual([]);
});

test.each(['curl.sh', 'stream.sh'])('examples/%s is a script that bash can read', async (name) => {
  await execute('bash', ['-n', fileURLToPath(new URL(`examples/${name}`, ROOT))]);
});
