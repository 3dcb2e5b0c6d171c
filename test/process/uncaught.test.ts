/**
 * An uncaught error leaves the process in an unknown state: it logs the error and exits, and the next start continues its work.
 *
 * @slow: starts servers as processes.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes } from '../support/process.js';
import { until } from '../support/until.js';
import { create, finish, read } from './stories.js';

const FAULT = pathToFileURL(resolve(import.meta.dirname, '../support/fault-on-signal.js')).href;

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

test.each(['exception', 'rejection'])(
  'an uncaught %s is logged with its cause and ends the process; the next start finishes the work',
  async (fault) => {
    const env = { DATABASE_URL: database.url, COMFYUI_URL: simulator.url };
    const server = await processes.startServerProcess({
      env: { ...env, NODE_OPTIONS: `--import=${FAULT}`, FAULT: fault },
    });
    const alice = await signUp(server.url);
    simulator.hold();
    const id = await create(server.url, alice);
    await simulator.held();
    await until(async () => (await read(server.url, alice, id)).status === 'PROCESSING', 'it is PROCESSING');
    server.kill('SIGUSR2');
    expect(await server.ended).toEqual({ code: 1, signal: null });
    const line = server.logs.split('\n').find((each) => each.includes('"level":60'));
    expect(JSON.parse(String(line)).err).toMatchObject({
      message: expect.stringContaining('the fault'),
      stack: expect.stringContaining('fault-on-signal'),
      cause: expect.objectContaining({ message: expect.stringContaining('its cause') }),
    });

    const next = await processes.startServerHere({
      env: { ...env, DATA_DIR: server.dataDir },
      timings: { comfyui: { recheckIntervalMs: 50 } },
    });
    simulator.release();
    expect(await finish(next.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    expect(Object.values(simulator.journal.snapshot().prompts)).toMatchObject([{ executed: 1 }]);
  },
);
