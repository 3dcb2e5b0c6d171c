/**
 * SIGTERM ends a server with code 0 within ten seconds, in any state; the next start continues its work.
 *
 * @slow: starts servers as processes.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { type ActionName, type Point, type Simulator, startSimulator } from '../../src/simulator/index.js';
import { allOnline } from '../support/backends.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerHere } from '../support/process.js';
import { until } from '../support/until.js';
import { create, finish, stop, type User } from './stories.js';

const MOMENTS: [string, Point, ActionName, string][] = [
  ['while the prompt is being sent', 'prompt:before', 'hang', 'POST /prompt'],
  ['while ComfyUI responds to the prompt', 'prompt:after', 'hang', 'POST /prompt'],
  ['while the history is read', 'history', 'hang', 'GET /history/*'],
  ['in the middle of a picture', 'view:half', 'hang', 'GET /view'],
];
const QUEUED = 7;

const processes = new Processes();
const simulators: Simulator[] = [];
let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(async () => {
  await processes.end();
  for (const simulator of simulators) await simulator.close();
  await database?.drop();
});

const newSimulator = async () => {
  const simulator = await startSimulator({ stepMs: 5 });
  simulators.push(simulator);
  return simulator;
};
const envOf = (...its: Simulator[]) => ({
  DATABASE_URL: database.url,
  COMFYUI_URL: its.map(({ url }) => url).join(),
});

/** Each moment has its own ComfyUI, and one signal hits all of them. */
describe('with work', () => {
  const moments = new Map<string, string>();
  const queued: string[] = [];
  let next: ServerHere;
  let alice: User;
  let code: number | null;
  beforeAll(async () => {
    const its = await Promise.all(MOMENTS.map(newSimulator));
    const server = await processes.startServerProcess({
      env: envOf(...its),
      // No request is repeated before the signal.
      timings: { comfyui: { requestTimeoutMs: 600_000, statusTimeoutMs: 600_000 } },
    });
    alice = await signUp(server.url);
    await allOnline(alice);
    // The health check reads the history too, and must not hang.
    const before = MOMENTS.map(([, point, action, route], nth) => {
      its[nth]?.at(point, action);
      return its[nth]?.journal.requests(route);
    });
    for (const [name] of MOMENTS) moments.set(name, await create(server.url, alice));
    for (const [nth, [, , , route]] of MOMENTS.entries())
      await until(() => Number(its[nth]?.journal.requests(route)) > Number(before[nth]), route);
    // These run or wait behind the others.
    for (const simulator of its) simulator.hold();
    for (let nth = 1; nth <= QUEUED; nth += 1) queued.push(await create(server.url, alice));
    await its[0]?.held();
    code = await stop(server);
    for (const simulator of its) simulator.release();
    next = await processes.startServerHere({
      env: { ...envOf(...its), DATA_DIR: server.dataDir },
      timings: { comfyui: { inFlightTimeoutMs: 100 } },
    });
  });

  // It must not take the generations of later tests.
  afterAll(() => next?.close());

  const expectFinished = async (id: string | undefined) => {
    expect(await finish(next.url, alice, String(id))).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    const [row] = await database.query<{ id: string }>('select id from prompts where generation_id = $1', [id]);
    const executions = simulators.flatMap((each) => each.journal.snapshot().prompts[row?.id ?? '']?.executed ?? []);
    expect(executions).toEqual([1]);
  };

  test('the server ends with code 0', () => {
    expect(code).toBe(0);
  });

  test('running and queued generations are released, finished by the next start, and executed once', async () => {
    for (const id of queued) await expectFinished(id);
  });

  test.each(MOMENTS.map(([name]) => name))('%s', (name) => expectFinished(moments.get(name)));
});

test('a server whose ComfyUI is down, with clients that sent half a request or do not respond to the close of their socket, ends with code 0', async () => {
  const simulator = await newSimulator();
  const server = await processes.startServerProcess({ env: envOf(simulator) });
  const alice = await signUp(server.url);
  simulator.hold();
  await create(server.url, alice);
  await simulator.held();
  await simulator.down();
  const { hostname, port } = new URL(server.url);
  const open = async (text: string) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };
  const half = await open(
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"query"',
  );
  const handshake =
    'upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nsec-websocket-protocol: graphql-transport-ws';
  const asleep = await open(`GET /graphql HTTP/1.1\r\nhost: x\r\n${handshake}\r\n\r\n`);
  const [answer] = (await once(asleep, 'data')) as [Buffer];
  expect(String(answer)).toMatch(/^HTTP\/1\.1 101/);
  asleep.pause();
  expect(await stop(server)).toBe(0);
  for (const socket of [half, asleep]) socket.destroy();
});
