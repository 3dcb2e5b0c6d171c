/** The database that a server brings along: it comes with the first start, goes with the server, and keeps what it was given. */
import { signUp } from '../support/client.js';
import { Processes, postgresOf } from '../support/process.js';
import { create, finish, isGone, read, signIn, stop } from './stories.js';

const processes = new Processes();
afterEach(() => processes.end());

test('a second start after SIGTERM finds the account and the generation of the first, with its picture', async () => {
  const first = await processes.startServerProcess();
  const alice = await signUp(first.url);
  const id = await create(first.url, alice);
  const made = await finish(first.url, alice, id);
  expect(made.status).toBe('COMPLETED');
  expect(await stop(first)).toBe(0);

  const second = await processes.startServerProcess({ env: { DATA_DIR: first.dataDir } });
  expect(await signIn(second.url, alice)).toBe(true);
  const kept = await read(second.url, alice, id);
  expect(kept.status).toBe('COMPLETED');
  const picture = await fetch(second.url + kept.result?.images[0]?.url);
  expect((await picture.arrayBuffer()).byteLength).toBe(made.result?.images[0]?.byteSize);
});

test('Ctrl+C, which reaches the whole process group, ends the server with code 0 and PostgreSQL with it', async () => {
  const server = await processes.startServerProcess();
  const postgres = postgresOf(server);
  if (!postgres) throw new Error('No PostgreSQL runs');
  server.killGroup('SIGINT');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await isGone(postgres);
});

test('Ctrl+C that comes twice, as npm sends it, is Ctrl+C once', async () => {
  const server = await processes.startServerProcess();
  server.killGroup('SIGINT');
  server.kill('SIGINT');
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test('what the environment says of other PostgreSQLs does not confuse it', async () => {
  const env = { PGSSLMODE: 'require', PGUSER: 'somebody', PGPASSWORD: 'wrong', PGPORT: '1', PGDATA: '/nowhere' };
  const server = await processes.startServerProcess({ env });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});
