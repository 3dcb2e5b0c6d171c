/**
 * The log warns when strangers can reach the server and sign up, and only then.
 *
 * @slow: starts servers as processes.
 */
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Log } from '../support/log.js';
import { Processes } from '../support/process.js';

const processes = new Processes();
let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterEach(() => processes.end());
afterAll(() => database?.drop());

test.each([
  [true, { HOST: '0.0.0.0' }],
  [false, { HOST: '0.0.0.0', REGISTRATION: 'closed' }],
  [false, { HOST: '127.0.0.1' }],
  [false, {}],
])('warned: %s, with %j', async (isWarned, env) => {
  const log = new Log();
  await processes.startServerHere({ env: { DATABASE_URL: database.url, LOG_LEVEL: 'info', ...env }, log });
  expect(log.text.includes('anyone who can reach this server can sign up')).toBe(isWarned);
});
