/** kill -9 of the server at each step of a generation's way through ComfyUI: it is finished by the next start, and was executed once. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Point } from '../../src/simulator/index.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerProcess } from '../support/process.js';
import { type SimulatorProcess, startSimulatorProcess } from '../support/simulator-process.js';
import { until } from '../support/until.js';
import { create, finish, read, type User } from './stories.js';

const processes = new Processes();
const dataDir = mkdtempSync(join(tmpdir(), 'comfygraph-kill-'));
let database: TestDatabase;
let simulator: SimulatorProcess;
/** The one that runs now. Each test kills it, and leaves the next. */
let server: ServerProcess;
let alice: User;
beforeAll(async () => {
  database = await createDatabase();
  simulator = await startSimulatorProcess(processes);
  server = await start();
  alice = await signUp(server.url);
});
afterAll(async () => {
  await processes.end();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = () =>
  processes.startServerProcess({ env: { DATA_DIR: dataDir, DATABASE_URL: database.url, COMFYUI_URL: simulator.url } });

/** What ComfyUI has had to do since `before`. */
async function executionsSince(before: string[]): Promise<number[]> {
  const { prompts } = await simulator.journal();
  return Object.entries(prompts)
    .filter(([id]) => !before.includes(id))
    .map(([, { executed }]) => executed);
}

async function expectWhole(id: string, before: string[]): Promise<void> {
  const seen = await finish(server.url, alice, id);
  expect(seen).toMatchObject({ status: 'COMPLETED', attempt: 1, errorMessage: null });
  expect(seen.result?.images).toHaveLength(1);
  expect(await executionsSince(before)).toEqual([1]);
  expect(readdirSync(join(dataDir, 'pictures', '.temporary'))).toEqual([]);
  expect(readdirSync(join(dataDir, 'pictures', id))).toHaveLength(1);
}

const known = async () => Object.keys((await simulator.journal()).prompts);

test('while it runs', async () => {
  const before = await known();
  await simulator.hold();
  const id = await create(server.url, alice);
  await simulator.held();
  await until(async () => (await read(server.url, alice, id)).status === 'PROCESSING', 'it is PROCESSING');
  server.kill('SIGKILL');
  await server.ended;
  server = await start();
  await simulator.release();
  await expectWhole(id, before);
});

test('while nobody looks: it has ended long before the next start', async () => {
  const before = await known();
  await simulator.hold();
  const id = await create(server.url, alice);
  await simulator.held();
  server.kill('SIGKILL');
  await server.ended;
  await simulator.release();
  await until(async () => (await executionsSince(before))[0] === 1, 'it was executed');
  server = await start();
  await expectWhole(id, before);
});

const POINTS: [string, Point][] = [
  ['as the prompt arrives', 'prompt:before'],
  ['before it hears that the prompt was taken', 'prompt:after'],
  ['as the prompt begins', 'start'],
  ['at a step of the sampler', 'step'],
  ['as it succeeds', 'success'],
  ['as it asks how it went', 'history'],
  ['in the middle of the picture', 'view:half'],
  ['just after the picture', 'view:after'],
];
test.each(POINTS)('%s', async (_, point) => {
  const before = await known();
  await simulator.at(point, { do: 'kill', pid: server.pid });
  const id = await create(server.url, alice);
  expect((await server.ended).signal).toBe('SIGKILL');
  server = await start();
  await expectWhole(id, before);
});

async function startAfterComfyUIForgot(): Promise<void> {
  await fetch(`${simulator.url}/simulator/restart`, { method: 'POST', body: '{}' });
  server = await start();
  await until(
    () =>
      simulator.release().then(
        () => true,
        () => false,
      ),
    'the simulator to be there again',
  );
}

test('after all was made: ComfyUI forgets it before the next start, and what was made is fetched all the same', async () => {
  const before = await known();
  await simulator.at('success', 'hold');
  const id = await create(server.url, alice);
  await simulator.held();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const heard = `select from prompts where generation_id = '${id}' and outputs is not null`;
  await until(async () => (await client.query(heard)).rowCount === 1, 'what was made to be noted');
  await client.end();
  server.kill('SIGKILL');
  await server.ended;
  const made = await executionsSince(before);
  await startAfterComfyUIForgot();
  await expectWhole(id, before);
  expect(await executionsSince(before)).toEqual(made);
});

test('while it runs: ComfyUI forgets it before the next start, and it is sent anew, once', async () => {
  const before = await known();
  await simulator.hold();
  const id = await create(server.url, alice);
  await simulator.held();
  await until(async () => (await read(server.url, alice, id)).status === 'PROCESSING', 'it is PROCESSING');
  server.kill('SIGKILL');
  await server.ended;
  await startAfterComfyUIForgot();
  expect(await finish(server.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  expect(await executionsSince(before)).toEqual([1, 1]);
});
