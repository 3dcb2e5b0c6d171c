/**
 * The system may kill the embedded PostgreSQL of a running server, for example for lack of memory.
 *
 * @slow: starts servers as processes.
 */
import { signUp } from '../support/client.js';
import { Processes, postgresOf } from '../support/process.js';
import { until } from '../support/until.js';
import { create, finish, isGone, signIn } from './stories.js';

const processes = new Processes();
afterEach(() => processes.end());

test('a killed embedded PostgreSQL is started again, and the server continues', async () => {
  const server = await processes.startServerHere();
  const alice = await signUp(server.url);
  const postgres = postgresOf(server);
  if (!postgres) throw new Error('No PostgreSQL runs');
  process.kill(postgres, 'SIGKILL');
  await isGone(postgres);

  await until(() => signIn(server.url, alice).catch(() => false), 'the server to know the account again');
  const id = await create(server.url, alice);
  expect((await finish(server.url, alice, id)).status).toBe('COMPLETED');
  await server.close();
  expect(postgresOf(server)).toBeUndefined();
});
