/** Compares the examples in docs/clients.md with the files in examples/. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { block, ROOT, readText } from './markdown.js';

const execute = promisify(execFile);

let clients: string;
beforeAll(async () => {
  clients = await readText('docs/clients.md');
});

test.each([
  ['curl.sh', 'bash', '-o picture.png'],
  ['powershell.ps1', 'powershell', 'Invoke-RestMethod'],
  ['job.mjs', 'js', 'picture.png'],
  ['socket.mjs', 'js', 'export function openSocket'],
  ['follow.mjs', 'js', 'export async function follow'],
])('examples/%s equals its block in docs/clients.md', async (name, language, part) => {
  expect(await readText(`examples/${name}`)).toBe(block(clients, language, part));
});

test('examples/webhook.mjs equals its block in docs/webhooks.md', async () => {
  expect(await readText('examples/webhook.mjs')).toBe(block(await readText('docs/webhooks.md'), 'js', 'createServer'));
});

test.each([
  ['stream.sh', '/graphql/stream'],
  ['upload.sh', 'createUpload'],
])('examples/%s ends with its block in docs/clients.md, and sources curl.sh', async (name, part) => {
  const text = await readText(`examples/${name}`);
  expect(text.endsWith(block(clients, 'bash', part))).toBe(true);
  expect(text).toContain('curl.sh');
});

test('docs/clients.md links to every file of examples/', async () => {
  const entries = await readdir(new URL('examples/', ROOT), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(names.filter((name) => !clients.includes(`](../examples/${name})`))).toEqual([]);
});

test.each(['curl.sh', 'stream.sh', 'upload.sh'])('examples/%s has valid bash syntax', async (name) => {
  await execute('bash', ['-n', fileURLToPath(new URL(`examples/${name}`, ROOT))]);
});
