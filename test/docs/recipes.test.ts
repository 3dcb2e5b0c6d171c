/**
 * Runs the recipes in examples/ for clients with a cache, and for codegen, against the real server.
 *
 * @slow: loads the libraries of several clients.
 */
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import { parse } from 'graphql';
import { becomes, create, remove, SMALL, sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { startTunnel, type Tunnel } from '../support/tunnel.js';
import { until } from '../support/until.js';
import { ROOT, readText } from './markdown.js';
import { PAGES, type Page } from './pages.js';
import { compileRelay, findStaleArtifacts } from './relay.js';

const ADDRESS = 'http://127.0.0.1:4000';
/** The reconnect delay of socket.mjs: at least half a second, which the tests shorten. */
const WAIT = '500 * 2 ** retries';

let app: TestApp;
let tunnel: Tunnel;
let folder: string;
let alice: Client & { refreshToken: string };
let page: Page;
let errors: unknown[];
beforeAll(async () => {
  app = await startTestApp({ timings: { recheckIntervalMs: 100, cleanIntervalMs: 50 } });
  tunnel = await startTunnel(app.url);
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-recipes-'));
  await cp(new URL('examples/', ROOT), folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!/js$/.test(name)) continue;
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll(ADDRESS, tunnel.url.replace(/\/$/, '')).replace(WAIT, '10'));
  }
  await compileRelay(folder);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(fileURLToPath(new URL('node_modules/', ROOT)), join(folder, 'node_modules'), 'junction');
});
beforeEach(async () => {
  alice = await signUp(app.url);
  errors = [];
});
afterEach(async () => {
  app.simulator.release();
  tunnel.heal();
  await page?.socket.dispose();
});
afterAll(async () => {
  tunnel.close();
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (name: keyof typeof PAGES) =>
  PAGES[name](folder, { accessToken: String(alice.token), refreshToken: alice.refreshToken });
/** ComfyUI accepts a prompt sooner or later, although it holds its execution. */
const unfinished = (line: string) => line.replace(/ (PENDING|PROCESSING) /, ' unfinished ');
const shows = (...lines: string[]) =>
  until(
    () => JSON.stringify(page.shown().map(unfinished)) === JSON.stringify(lines),
    `the page to show ${lines.join(', ')}`,
  );
const make = async (prompt: string) => (await create(alice, { prompt })).id;
const complete = async (prompt: string) => {
  const id = await make(prompt);
  await becomes(alice, id, 'COMPLETED');
  return id;
};

type Change = { kind: string; generationId: string | null };
/** Opens a page that follows all changes. Returns the changes that the server sends from now on. */
async function follow(name: keyof typeof PAGES): Promise<Change[]> {
  page = await open(name);
  const changes: Change[] = [];
  page.socket.on('message', (message) => {
    const { data } = ('payload' in message && message.payload ? message.payload : {}) as {
      data?: { generationsUpdated?: Change };
    };
    if (data?.generationsUpdated) changes.push(data.generationsUpdated);
  });
  page.follow((error) => errors.push(error));
  return changes;
}
const kindsOf = (changes: readonly Change[]) => [...new Set(changes.map(({ kind }) => kind))].sort();

describe.each(Object.keys(PAGES) as (keyof typeof PAGES)[])('a gallery of %s', (name) => {
  test('shows a generation that its page creates, its result, and its deletion', async () => {
    page = await open(name);
    app.simulator.hold();
    const id = await page.create({ ...SMALL, prompt: 'x' });
    await shows('x unfinished 0');
    app.simulator.release();
    await page.watch(id);
    await shows('x COMPLETED 1');
    await page.remove(id);
    await shows();
  });

  test('shows a generation that another client creates, its result, and its deletion', async () => {
    await make('first');
    await follow(name);
    await shows('first COMPLETED 1');
    app.simulator.hold();
    const [id] = [await make('second'), await page.create({ ...SMALL, prompt: 'own' })];
    await shows('own unfinished 0', 'second unfinished 0', 'first COMPLETED 1');
    app.simulator.release();
    await shows('own COMPLETED 1', 'second COMPLETED 1', 'first COMPLETED 1');
    await remove(alice, id);
    await shows('own COMPLETED 1', 'first COMPLETED 1');
    expect(errors).toEqual([]);
  });

  test('resumes by the cursor after a cut, and shows creations, results and deletions', async () => {
    const changes = await follow(name);
    const stays = await complete('stays');
    app.simulator.hold();
    const [ends, goes] = [await make('ends'), await make('goes')];
    await shows('goes unfinished 0', 'ends unfinished 0', 'stays COMPLETED 1');
    // The cursor of a change is from before the read that has found it: the cursor of a later one is behind both creations.
    const has = (id: string) => changes.some(({ generationId }) => generationId === id);
    await until(() => has(ends) && has(goes), 'both to arrive over the socket');
    changes.length = 0;
    await sql(app, 'update generations set revision = revision + 1 where id = $1', [stays]);
    await until(() => has(stays), 'a later change to arrive over the socket');
    tunnel.refuse();
    changes.length = 0;
    app.simulator.release();
    for (const id of [ends, goes]) await becomes(alice, id, 'COMPLETED');
    await remove(alice, goes);
    await complete('came');
    tunnel.heal();
    await shows('came COMPLETED 1', 'ends COMPLETED 1', 'stays COMPLETED 1');
    expect(kindsOf(changes)).toEqual(['CREATED', 'DELETED', 'UPDATED']);
    expect(errors).toEqual([]);
  });

  test('reads its list again after a GAP', async () => {
    const changes = await follow(name);
    const [forgotten] = [await complete('forgotten'), await complete('stays')];
    await shows('stays COMPLETED 1', 'forgotten COMPLETED 1');
    await until(() => kindsOf(changes).includes('UPDATED'), 'a change to arrive over the socket');
    tunnel.refuse();
    changes.length = 0;
    await remove(alice, forgotten);
    await sql(app, `update generations set deleted_at = now() - interval '25 h' where id = $1`, [forgotten]);
    const isGone = async () => (await sql(app, 'select from generations where id = $1', [forgotten])).length === 0;
    await until(isGone, 'the server to forget the deletion');
    await complete('came');
    tunnel.heal();
    await shows('came COMPLETED 1', 'stays COMPLETED 1');
    expect(kindsOf(changes)).toContain('GAP');
    expect(errors).toEqual([]);
  });
});

test('the Relay artifacts match their documents; otherwise run relay-compiler 21.0.1 in examples/', async () => {
  expect(await findStaleArtifacts()).toEqual([]);
});

test('codegen gives every scalar a type', async () => {
  const { default: settings } = await import(pathToFileURL(join(folder, 'codegen.mjs')).href);
  const { plugins, config } = settings.generates['api.ts'];
  expect(plugins).toEqual(['typescript']);
  const types = await codegen({
    filename: 'api.ts',
    schema: parse(await readText('schema.graphql')),
    documents: [],
    config,
    plugins: [{ typescript: {} }],
    pluginMap: { typescript },
  });
  expect(types).toContain('DateTime: { input: string; output: string; }');
  expect(types).toContain('Seed: { input: string | number; output: string; }');
  expect(types).toContain('JSON: { input: unknown; output: unknown; }');
  expect(types).not.toContain('input: any');
});
