/** The recipe of docs/clients.md for following all generations, while its socket is cut. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient, type Client as SocketClient } from 'graphql-ws';
import WebSocket from 'ws';
import { becomes, create, read, remove, sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { startTunnel, type Tunnel } from '../support/tunnel.js';
import { until } from '../support/until.js';
import { block, readText } from './markdown.js';

type Change = { kind: string; generationId: string; generation: { revision: number; status: string } | null };
type Recipe = {
  follow(client: SocketClient, options: { onChange(change: Change): void; readList(): void }): Promise<void>;
};

let app: TestApp;
let tunnel: Tunnel;
let alice: Client;
let socket: SocketClient;
let recipe: Recipe;
let folder: string;
beforeAll(async () => {
  app = await startTestApp({ timings: { recheckIntervalMs: 100, cleanIntervalMs: 50 } });
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-docs-'));
  const file = join(folder, 'follow.mjs');
  await writeFile(file, block(await readText('docs/clients.md'), 'js', 'export async function follow'));
  recipe = (await import(pathToFileURL(file).href)) as Recipe;
});
beforeEach(async () => {
  alice = await signUp(app.url);
  tunnel = await startTunnel(app.url);
  socket = createClient({
    url: new URL('/graphql', tunnel.url.replace(/^http/, 'ws')).href,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${alice.token}` },
    shouldRetry: () => true,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 10)),
  });
});
afterEach(async () => {
  await socket.dispose();
  tunnel.close();
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

/** Collects what a page would show: the newest state of each generation. */
function startShowing() {
  const shown = new Map<string, string>();
  const lists: number[] = [];
  const onChange = ({ kind, generationId, generation }: Change) =>
    kind === 'DELETED' ? shown.delete(generationId) : shown.set(generationId, String(generation?.status));
  void recipe.follow(socket, { onChange, readList: () => lists.push(shown.size) });
  return { shown, lists };
}

test('the recipe shows which generations ended, appeared and were deleted while its socket was cut', async () => {
  const { shown, lists } = startShowing();
  await until(() => lists.length > 0, 'it to follow');
  app.simulator.hold();
  const [ends, goes] = [await create(alice), await create(alice)];
  await until(() => shown.has(ends.id) && shown.has(goes.id), 'both to be shown');
  const { length } = lists;
  tunnel.refuse();
  app.simulator.release();
  for (const { id } of [ends, goes]) await becomes(alice, id, 'COMPLETED');
  await remove(alice, goes.id);
  const { id: came } = await create(alice);
  await becomes(alice, came, 'COMPLETED');
  tunnel.heal();
  await until(() => shown.get(came) === 'COMPLETED', 'the new one to be shown');
  await until(() => shown.get(ends.id) === 'COMPLETED', 'the end to be shown');
  await until(() => !shown.has(goes.id), 'the deleted one to disappear');
  expect((await read(alice, ends.id)).status).toBe('COMPLETED');
  expect(lists).toHaveLength(length);
});

test('the recipe reads the list when the server no longer knows every change', async () => {
  const { shown, lists } = startShowing();
  await until(() => lists.length > 0, 'it to follow');
  const { id: first } = await create(alice);
  await becomes(alice, first, 'COMPLETED');
  await until(() => shown.get(first) === 'COMPLETED', 'the end to be shown');
  const { length } = lists;
  tunnel.refuse();
  await remove(alice, first);
  await sql(app, `update generations set deleted_at = now() - interval '25 h' where id = $1`, [first]);
  await until(async () => (await sql(app, 'select from generations where id = $1', [first])).length === 0, 'it to go');
  tunnel.heal();
  await until(() => lists.length > length, 'the list to be read');
});

test('the recipe reads the list when it starts, and again after a cut before the first change', async () => {
  const { shown, lists } = startShowing();
  await until(() => lists.length > 0, 'the list to be read');
  const { length } = lists;
  tunnel.refuse();
  const { id: missed } = await create(alice);
  await becomes(alice, missed, 'COMPLETED');
  tunnel.heal();
  await until(() => lists.length > length, 'the list to be read');
  // It follows by now: it receives every change after the list was read.
  const { id } = await create(alice);
  await until(() => shown.has(id), 'the new one to be shown');
  expect(shown.has(missed)).toBe(false);
});
