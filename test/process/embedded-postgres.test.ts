/**
 * The database that a server brings along: it comes and goes with the server, and keeps what it was given.
 *
 * @slow: starts servers as processes.
 */
import { signUp } from '../support/client.js';
import { Processes, postgresOf, type ServerProcess } from '../support/process.js';
import { create, finish, isGone, read, signIn, stop } from './stories.js';

/** Variables for other PostgreSQL servers. */
const OTHERS = { PGSSLMODE: 'require', PGUSER: 'somebody', PGPASSWORD: 'wrong', PGPORT: '1', PGDATA: '/nowhere' };

const processes = new Processes();
/** The running server. Each test ends it, or leaves it to the next. */
let server: ServerProcess;
beforeAll(async () => {
  server = await processes.startServerProcess({ env: OTHERS });
});
afterAll(() => processes.end());
const startAgain = async () => {
  server = await processes.startServerProcess({ env: { DATA_DIR: server.dataDir } });
};

test('variables for other PostgreSQL servers have no effect', async () => {
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});

test('a start after SIGTERM finds the account, the generation and its picture', async () => {
  const alice = await signUp(server.url);
  const id = await create(server.url, alice);
  const made = await finish(server.url, alice, id);
  expect(made.status).toBe('COMPLETED');
  expect(await stop(server)).toBe(0);

  await startAgain();
  expect(await signIn(server.url, alice)).toBe(true);
  const kept = await read(server.url, alice, id);
  expect(kept.status).toBe('COMPLETED');
  const picture = await fetch(server.url + kept.result?.images[0]?.url);
  expect((await picture.arrayBuffer()).byteLength).toBe(made.result?.images[0]?.byteSize);
});

test('Ctrl+C, which signals the whole process group, ends the server with code 0 and stops PostgreSQL', async () => {
  const postgres = postgresOf(server);
  if (!postgres) throw new Error('No PostgreSQL runs');
  server.killGroup('SIGINT');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await isGone(postgres);
});

test('a second Ctrl+C, as npm sends it, has no effect', async () => {
  await startAgain();
  server.killGroup('SIGINT');
  server.kill('SIGINT');
  expect(await server.ended).toEqual({ code: 0, signal: null });
});
