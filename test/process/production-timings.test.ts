/**
 * The production timings with their real values; other tests use shorter ones.
 *
 * @slow: waits for a lease of twelve seconds.
 */

import { guardPool } from '../../src/db/guard-pool.js';
import { openDatabase } from '../../src/orm.js';
import { TIMINGS } from '../../src/process/timings.js';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { signUp } from '../support/client.js';
import { createDatabase } from '../support/database.js';
import { Processes } from '../support/process.js';
import { connect, openSocket } from '../support/socket.js';
import { until } from '../support/until.js';
import { create, finish } from './stories.js';

const processes = new Processes();
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(async () => {
  await processes.end();
  await app?.close();
});

test.concurrent('another process finishes the job of a frozen process after its lease has expired', async () => {
  const simulator: Simulator = await startSimulator({ stepMs: 5 });
  const database = await createDatabase();
  const env = { DATABASE_URL: database.url, COMFYUI_URL: simulator.url };
  const frozen = await processes.startServerProcess({ env });
  const user = await signUp(frozen.url);
  simulator.hold();
  const id = await create(frozen.url, user);
  await simulator.held();
  frozen.kill('SIGSTOP');
  const other = await processes.startServerHere({ env: { ...env, DATA_DIR: frozen.dataDir } });
  await until(
    async () => (await database.query('select from prompts where fence > 1')).length > 0,
    'the other server to take it',
  );
  simulator.release();
  expect(await finish(other.url, user, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  await other.close();
  frozen.kill('SIGKILL');
  await frozen.ended;
  await simulator.close();
  await database.drop();
});

test.concurrent('a socket without connection_init is closed with 4408', async () => {
  const socket = await openSocket(app.url);
  expect((await socket.closed).code).toBe(4408);
});

test.concurrent('a socket whose session was deleted is closed, also without a notification', async () => {
  const bob = await signUp(app.url);
  const socket = await connect(app.url, bob.token);
  await app.database.query('delete from sessions where user_id = $1', [bob.id]);
  expect((await socket.closed).code).toBe(4403);
});

test.concurrent('a transaction idle for ten seconds is ended, and its locks are released', async () => {
  const database = await createDatabase();
  const orm = await openDatabase(database.url);
  await guardPool(orm, TIMINGS);
  await database.query('create table things (id int)');
  const idle = orm.em.fork().transactional(async (em) => {
    await em.execute('lock table things');
    await database.query('select from things');
  });
  await expect(idle).rejects.toThrow();
  await orm.close();
  await database.drop();
});
