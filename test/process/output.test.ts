/**
 * A server goes on, and can be ended, when nobody reads any more what it writes.
 *
 * @slow: starts servers as processes.
 */
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes } from '../support/process.js';
import { create, finish, stop } from './stories.js';

const processes = new Processes();
let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(async () => {
  await processes.end();
  await database?.drop();
});

test('a reader of its output that is gone neither stops it nor keeps it from ending', async () => {
  const server = await processes.startServerProcess({ env: { DATABASE_URL: database.url, LOG_LEVEL: 'trace' } });
  server.closeOutput();
  const alice = await signUp(server.url);
  const id = await create(server.url, alice);
  expect((await finish(server.url, alice, id)).status).toBe('COMPLETED');
  expect(await stop(server)).toBe(0);
});
