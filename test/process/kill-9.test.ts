/**
 * kill -9 of the server at each step of a generation in ComfyUI: the next start finishes it, and ComfyUI executes it once. Each generation
 * has its own ComfyUI, and one kill hits all of them.
 *
 * @slow: starts servers as processes.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Point, type Simulator, startSimulator } from '../../src/simulator/index.js';
import { allOnline } from '../support/backends.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { Processes, type ServerHere, type ServerProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { create, finish, read, type User } from './stories.js';

const POINTS: [string, Point][] = [
  ['as the prompt arrives', 'prompt:before'],
  ['before it learns that the prompt was accepted', 'prompt:after'],
  ['as the prompt begins', 'start'],
  ['at a step of the sampler', 'step'],
  ['as it succeeds', 'success'],
  ['as it reads the history', 'history'],
  ['in the middle of the picture', 'view:half'],
];
const AFTER_PICTURE = 'just after the picture';
const RUNS = 'while it runs';
const UNSEEN = 'while no server runs: it has ended long before the next start';
const MADE =
  'after the outputs were recorded: ComfyUI forgets it before the next start, and its files are fetched all the same';
const FORGOTTEN = 'while it runs: ComfyUI forgets it before the next start, and it is sent again once';
const HELD = [RUNS, UNSEEN, MADE, FORGOTTEN];

/** Longer than the test, so that the kill interrupts a wait. */
const PATIENT = { idleBackendTimeoutMs: 600_000, comfyui: { requestTimeoutMs: 600_000, statusTimeoutMs: 600_000 } };
const QUICK = { promptRetryDelayMs: 10, comfyui: { inFlightTimeoutMs: 100 } };

/** The generation and its ComfyUI at the kill. */
type Struck = { id: string; simulator: Simulator };

const processes = new Processes();
const simulators: Simulator[] = [];
const struck = new Map<string, Struck>();
let database: TestDatabase;
let killed: ServerProcess;
let next: ServerHere;
let alice: User;
let madeBefore: number[];

beforeAll(async () => {
  database = await createDatabase();
  const names = [...HELD, ...POINTS.map(([name]) => name), AFTER_PICTURE];
  for (const _ of names) simulators.push(await startSimulator({ stepMs: 5, port: await freePort() }));
  const env = { DATABASE_URL: database.url, COMFYUI_URL: simulators.map(({ url }) => url).join() };
  killed = await processes.startServerProcess({ env, timings: PATIENT });
  alice = await signUp(killed.url);
  await allOnline(alice);
  await bringToTheirPlaces();
  await strike();

  const simulatorOf = (name: string) => (struck.get(name) as Struck).simulator;
  simulatorOf(UNSEEN).release();
  await until(() => Object.values(promptsOf(simulatorOf(UNSEEN)))[0]?.succeeded === 1, 'the prompt to be executed');
  madeBefore = executionsIn(simulatorOf(MADE));
  for (const name of [MADE, FORGOTTEN]) await simulatorOf(name).restart();
  const timings = { ...QUICK, cleanIntervalMs: 200, strayFileIntervalMs: 200 };
  next = await processes.startServerHere({ env: { ...env, DATA_DIR: killed.dataDir }, timings });
  for (const name of HELD) simulatorOf(name).release();
});
afterAll(async () => {
  await processes.end();
  for (const simulator of simulators) await simulator.close();
  await database?.drop();
});

/** Creates a generation, which goes to an idle ComfyUI. */
async function begin(name: string): Promise<Struck> {
  const id = await create(killed.url, alice);
  const backend = await until(async () => {
    const [row] = await database.query<{ name: string }>(
      'select b.name from prompts p join backends b on b.id = p.backend_id where p.generation_id = $1',
      [id],
    );
    return row?.name;
  }, 'it to have a slot');
  const simulator = simulators[Number(backend.replace('comfyui-', '')) - 1];
  if (!simulator) throw new Error(`There is no ${backend}`);
  struck.set(name, { id, simulator });
  return { id, simulator };
}

const free = () => simulators.filter((each) => ![...struck.values()].some(({ simulator }) => simulator === each));

const isKilled = Promise.withResolvers<void>();

async function bringToTheirPlaces(): Promise<void> {
  for (const simulator of simulators) simulator.hold();
  for (const name of HELD) {
    const { id, simulator } = await begin(name);
    await simulator.held();
    await until(async () => (await read(killed.url, alice, id)).status === 'PROCESSING', 'it is PROCESSING');
    if (name !== MADE) continue;
    simulator.at('success', 'hold');
    simulator.release();
    const heard = 'select from prompts where generation_id = $1 and outputs is not null';
    await until(async () => (await database.query(heard, [id])).length === 1, 'the outputs to be recorded');
    await simulator.held();
  }
  for (const simulator of free()) simulator.release();
  for (const [name, point] of POINTS) {
    const isThere = Promise.withResolvers<void>();
    const run = () => {
      isThere.resolve();
      return isKilled.promise;
    };
    const faults = free().map((simulator) => ({ simulator, takeBack: simulator.at(point, { do: 'call', run }) }));
    const its = await begin(name);
    for (const { simulator, takeBack } of faults) if (simulator !== its.simulator) takeBack();
    await isThere.promise;
  }
}

/** Kills the server when the last picture has been sent. Everything held continues before it notices that the server is gone. */
async function strike(): Promise<void> {
  const run = () => {
    killed.kill('SIGKILL');
    isKilled.resolve();
  };
  for (const simulator of free()) simulator.at('view:after', { do: 'call', run });
  await begin(AFTER_PICTURE);
  expect((await killed.ended).signal).toBe('SIGKILL');
  for (const [name] of POINTS) {
    const { simulator } = struck.get(name) as Struck;
    await until(() => Object.values(promptsOf(simulator))[0]?.received === 1, 'ComfyUI to have it');
  }
}

const promptsOf = (simulator: Simulator) => simulator.journal.snapshot().prompts;
const executionsIn = (simulator: Simulator) => Object.values(promptsOf(simulator)).map(({ executed }) => executed);

/** How often each ComfyUI executed a prompt of the generation. */
async function executionsOf(id: string): Promise<number[]> {
  const rows = await database.query<{ id: string }>('select id from prompts where generation_id = $1', [id]);
  return rows.flatMap((row) => simulators.flatMap((each) => promptsOf(each)[row.id]?.executed ?? []));
}

async function expectWhole(name: string): Promise<void> {
  const { id } = struck.get(name) as Struck;
  const seen = await finish(next.url, alice, id);
  expect(seen).toMatchObject({ status: 'COMPLETED', attempt: 1, errorMessage: null });
  expect(seen.result?.images).toHaveLength(1);
  expect(await executionsOf(id)).toEqual([1]);
}

test.each([RUNS, UNSEEN, ...POINTS.map(([name]) => name), AFTER_PICTURE])('%s', (name) => expectWhole(name));

test(MADE, async () => {
  await expectWhole(MADE);
  expect(madeBefore).toEqual([1]);
});

test(FORGOTTEN, async () => {
  const { id } = struck.get(FORGOTTEN) as Struck;
  expect(await finish(next.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  expect(await executionsOf(id)).toEqual([1, 1]);
});

test('no file stays without a row, and no ComfyUI executed anything else', async () => {
  for (const { id } of struck.values()) await finish(next.url, alice, id);
  await until(async () => {
    const rows = await database.query<{ file: string }>('select file from blobs');
    const stored = readdirSync(join(next.dataDir, 'pictures', alice.id)).map((name) => `${alice.id}/${name}`);
    return (
      stored.sort().join() ===
      rows
        .map(({ file }) => file)
        .sort()
        .join()
    );
  }, 'the storage to have exactly the files of rows');
  expect(simulators.flatMap(executionsIn)).toHaveLength(struck.size + 1);
});
