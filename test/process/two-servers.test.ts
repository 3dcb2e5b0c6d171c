/**
 * Servers that share a database share its work: one finishes what another leaves.
 *
 * @slow: starts servers as processes.
 */
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { signUp } from '../support/client.js';
import { createDatabase, createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { Processes } from '../support/process.js';
import { until } from '../support/until.js';
import { create, finish, signIn } from './stories.js';

/** The killed server's socket received the events of its prompts, so the next server has to poll. */
const QUICK = { sweepIntervalMs: 100, comfyui: { recheckIntervalMs: 50 } };

const processes = new Processes();
let database: TestDatabase;
let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ stepMs: 5 });
});
afterEach(async () => {
  await processes.end();
  await simulator.close();
  await database?.drop();
});

const env = () => ({ DATABASE_URL: database.url, COMFYUI_URL: simulator.url });

test('no generation is lost and none runs twice when a server with running ones is killed', async () => {
  database = await createDatabase();
  const first = await processes.startServerProcess({ env: env() });
  const alice = await signUp(first.url);
  simulator.hold();
  const ids = [];
  for (let nth = 1; nth <= 10; nth += 1) ids.push(await create(first.url, alice, `picture ${nth}`));
  const prompts = () => Object.values(simulator.journal.snapshot().prompts);
  await until(() => prompts().length > 1, 'the first server holds some');

  // Servers with one database share their secrets and pictures.
  const second = await processes.startServerHere({ env: { ...env(), DATA_DIR: first.dataDir }, timings: QUICK });
  first.kill('SIGKILL');
  await first.ended;
  simulator.release();
  for (const id of ids) {
    expect(await finish(second.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  }
  expect(prompts().map(({ executed }) => executed)).toEqual(ids.map(() => 1));
});

test('two servers that start at once on an empty database both serve it', async () => {
  database = await createEmptyDatabase();
  const servers = await Promise.all([1, 2].map(() => processes.startServerHere({ env: env() })));
  const alice = await signUp(String(servers[0]?.url));
  for (const { url } of servers) expect(await signIn(url, alice)).toBe(true);
});
