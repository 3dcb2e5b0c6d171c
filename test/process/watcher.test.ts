/**
 * A client that watches a generation while the server restarts sees its end.
 *
 * @slow: starts servers as processes.
 */
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { Processes, type ServerHere, type ServerProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { create, type User } from './stories.js';

const processes = new Processes();
let database: TestDatabase;
let simulator: Simulator;
let server: ServerProcess | ServerHere;
let alice: User;
beforeAll(async () => {
  database = await createDatabase();
  simulator = await startSimulator({ stepMs: 5 });
  server = await processes.startServerProcess({
    env: { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, PORT: String(await freePort()) },
  });
  alice = await signUp(server.url);
});
afterAll(async () => {
  await processes.end();
  await simulator?.close();
  await database?.drop();
});

const WATCH =
  'subscription ($id: ID!) { generationUpdated(id: $id) { status revision progress { fraction } result { images { url } } } }';

test.each(['kill -9', 'a shutdown'])('a watcher sees the end of its generation after %s and a restart', async () => {
  simulator.hold();
  const id = await create(server.url, alice);
  await simulator.held();

  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${alice.token}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => setTimeout(50),
    // Unlike browsers, Node also reports a refused connection as an error.
    shouldRetry: () => true,
  });
  const seen: { status: string; revision: number; progress: { fraction: number } | null; result: object | null }[] = [];
  const watching = (async () => {
    for await (const { data } of client.iterate({ query: WATCH, variables: { id } }))
      seen.push((data as { generationUpdated: (typeof seen)[number] }).generationUpdated);
  })();
  await until(() => seen.some(({ status }) => status === 'PROCESSING'), 'it is seen at work');

  await restart();
  simulator.release();
  await watching;
  await client.dispose();
  expect(seen.at(-1)).toMatchObject({ status: 'COMPLETED', result: { images: [{}] } });
  expect(seen.filter(({ status }) => status === 'COMPLETED')).toHaveLength(1);
  const revisions = seen.map(({ revision }) => revision);
  expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
  const fractions = seen.flatMap(({ progress }) => progress?.fraction ?? []);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
});

/** Restarts at the same address. */
async function restart(): Promise<void> {
  const port = new URL(server.url).port;
  if ('kill' in server) {
    server.kill('SIGKILL');
    await server.ended;
  } else await server.close();
  server = await processes.startServerHere({
    env: { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, DATA_DIR: server.dataDir, PORT: port },
    timings: { comfyui: { recheckIntervalMs: 50 } },
  });
}
