/** Servers that share a database share its work: what one leaves, another finishes. */
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes } from '../support/process.js';
import { type SimulatorProcess, startSimulatorProcess } from '../support/simulator-process.js';
import { until } from '../support/until.js';
import { create, finish, signIn } from './stories.js';

const processes = new Processes();
let database: TestDatabase;
let simulator: SimulatorProcess;
beforeEach(async () => {
  database = await createDatabase();
  simulator = await startSimulatorProcess(processes);
});
afterEach(async () => {
  await processes.end();
  await database.drop();
});

const start = (env = {}) =>
  processes.startServerProcess({ env: { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, ...env } });

test('of ten generations none is lost and none runs twice when the server that holds some is killed', async () => {
  const first = await start();
  const alice = await signUp(first.url);
  await simulator.hold();
  const ids = [];
  for (let nth = 1; nth <= 10; nth += 1) ids.push(await create(first.url, alice, `picture ${nth}`));
  await until(async () => Object.keys((await simulator.journal()).prompts).length > 1, 'the first server holds some');

  // Secrets are shared by whoever shares a database, and so are the pictures.
  const second = await start({ DATA_DIR: first.dataDir });
  first.kill('SIGKILL');
  await first.ended;
  await simulator.release();
  for (const id of ids) {
    expect(await finish(second.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  }
  const { prompts } = await simulator.journal();
  expect(Object.values(prompts).map(({ executed }) => executed)).toEqual(ids.map(() => 1));
});

test('two servers that come at once to an empty database both serve it', async () => {
  const servers = await Promise.all([start(), start()]);
  const alice = await signUp(servers[0].url);
  for (const { url } of servers) expect(await signIn(url, alice)).toBe(true);
});
