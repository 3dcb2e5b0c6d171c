/**
 * The clock of a machine may be wrong: timeouts and leases use PostgreSQL's clock.
 *
 * @slow: starts servers as processes.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { clientOf, signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { create, finish, type User } from './stories.js';

const CLOCK = pathToFileURL(resolve(import.meta.dirname, '../support/wrong-clock.js')).href;
const DAY_MS = 24 * 60 * 60_000;
const EACH = 4;
const TIMES = 'query ($id: ID!) { generation(id: $id) { createdAt startedAt completedAt } }';

const processes = new Processes();
let database: TestDatabase;
let simulator: Simulator;
beforeEach(async () => {
  database = await createDatabase();
  simulator = await startSimulator({ stepMs: 5 });
});
afterEach(async () => {
  await processes.end();
  await simulator.close();
  await database.drop();
});

test('two servers with clocks two days apart end no generation early, keep their own jobs, and record consistent times', async () => {
  const dataDir = await processes.newFolder();
  const start = (offMs: number) =>
    processes.startServerProcess({
      env: {
        DATA_DIR: dataDir,
        DATABASE_URL: database.url,
        COMFYUI_URL: simulator.url,
        NODE_OPTIONS: `--import=${CLOCK}`,
        CLOCK_OFF_MS: String(offMs),
        // Shorter than the clock error.
        QUEUE_TIMEOUT_SECONDS: '3600',
        GENERATION_TIMEOUT_SECONDS: '3600',
      },
    });
  const servers: [ServerProcess, User][] = [];
  // A token is valid on servers whose clocks agree.
  for (const server of await Promise.all([DAY_MS, -DAY_MS].map(start)))
    servers.push([server, await signUp(server.url)]);
  simulator.hold();
  const created: [ServerProcess, User, string][] = [];
  for (let nth = 1; nth <= EACH; nth += 1)
    for (const [server, user] of servers)
      created.push([server, user, await create(server.url, user, `picture ${nth}`)]);
  await until(() => Object.keys(simulator.journal.snapshot().prompts).length > 1, 'ComfyUI to have some');
  simulator.release();
  for (const [server, user, id] of created) {
    expect(await finish(server.url, user, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    const { data } = await clientOf(server.url, user.token).ask(TIMES, { id });
    const { createdAt, startedAt, completedAt } = data.generation;
    expect([createdAt, startedAt, completedAt].toSorted()).toEqual([createdAt, startedAt, completedAt]);
    expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(DAY_MS / 2);
  }
  const { prompts } = simulator.journal.snapshot();
  expect(Object.values(prompts).map(({ executed, received }) => [received, executed])).toEqual(
    created.map(() => [1, 1]),
  );
});
