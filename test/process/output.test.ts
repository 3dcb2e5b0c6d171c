/**
 * A server survives the end of its log reader, and can be stopped afterwards.
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

test('a closed output neither stops the server nor prevents its shutdown', async () => {
  const server = await processes.startServerProcess({ env: { DATABASE_URL: database.url, LOG_LEVEL: 'trace' } });
  server.closeOutput();
  const alice = await signUp(server.url);
  const id = await create(server.url, alice);
  expect((await finish(server.url, alice, id)).status).toBe('COMPLETED');
  expect(await stop(server)).toBe(0);
});
