/** SIGTERM ends a server with code 0, which it has ten seconds for, whatever is going on; its work goes on with the next start. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { ActionName, Point } from '../../src/simulator/index.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerProcess } from '../support/process.js';
import { type SimulatorProcess, startSimulatorProcess } from '../support/simulator-process.js';
import { until } from '../support/until.js';
import { create, finish, stop } from './stories.js';

const processes = new Processes();
let database: TestDatabase;
let simulator: SimulatorProcess;
let server: ServerProcess;
beforeEach(async () => {
  database = await createDatabase();
  simulator = await startSimulatorProcess(processes);
  server = await start();
});
afterEach(async () => {
  await processes.end();
  await database.drop();
});

const start = (env = {}) =>
  processes.startServerProcess({ env: { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, ...env } });
const startAgain = () => start({ DATA_DIR: server.dataDir });
const executions = async () => Object.values((await simulator.journal()).prompts).map(({ executed }) => executed);

test('running and queued generations are let go, finished by the next start, and executed once', async () => {
  const alice = await signUp(server.url);
  await simulator.hold();
  const ids = [];
  for (let nth = 1; nth <= 5; nth += 1) ids.push(await create(server.url, alice));
  await simulator.held();
  expect(await stop(server)).toBe(0);

  await simulator.release();
  const next = await startAgain();
  for (const id of ids) expect(await finish(next.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  expect(await executions()).toEqual([1, 1, 1, 1, 1]);
});

const MOMENTS: [string, Point, ActionName][] = [
  ['while the prompt is on its way', 'prompt:before', 'hang'],
  ['while ComfyUI answers to the prompt', 'prompt:after', 'hang'],
  ['while ComfyUI is asked how it went', 'history', 'hang'],
  ['in the middle of a picture', 'view:half', 'hang'],
];
test.each(MOMENTS)('%s', async (_, point, action) => {
  const alice = await signUp(server.url);
  await simulator.at(point, action);
  const route =
    { prompt: 'POST /prompt', history: 'GET /history/*', view: 'GET /view' }[point.split(':')[0] ?? ''] ?? '';
  const id = await create(server.url, alice);
  await until(async () => (await simulator.journal()).requests[route], route);
  expect(await stop(server)).toBe(0);

  const next = await startAgain();
  expect(await finish(next.url, alice, id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  expect(await executions()).toEqual([1]);
});

test('with ComfyUI gone and work waiting for it', async () => {
  const alice = await signUp(server.url);
  await simulator.hold();
  await create(server.url, alice);
  await simulator.held();
  simulator.kill('SIGKILL');
  await simulator.ended;
  expect(await stop(server)).toBe(0);
});

test('with clients that sent half a request, or never answer to the end of their socket', async () => {
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
