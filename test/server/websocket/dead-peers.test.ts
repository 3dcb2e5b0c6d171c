/** Sockets whose other end is gone without a word. */
import type { Socket } from 'node:net';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { Log } from '../../support/log.js';
import { connect } from '../../support/socket.js';

const log = new Log();
let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ env: { LOG_LEVEL: 'info' }, log, timings: { socketPingIntervalMs: 400 } });
  app.simulator.hold();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const watching = async (name: string) => {
  const socket = await connect(app.url, alice.token);
  const query = `subscription ${name} { generationsUpdated { kind } }`;
  socket.send({ id: '1', type: 'subscribe', payload: { query } }, { type: 'ping' });
  expect((await socket.next()).type).toBe('pong');
  return socket;
};
const create = () => alice.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
const CUT_OFF = { outcome: 'closed', closeCode: 1006 };

test('whoever reads nothing any more is cut off by the second ping; whoever only says nothing stays', async () => {
  const [stalled, silent] = [await watching('Stalled'), await watching('Silent')];
  stalled.socket.pause();
  await create();
  expect((await silent.next()).type).toBe('next');
  expect(await log.line({ operation: 'Stalled' })).toMatchObject(CUT_OFF);
  await create();
  expect((await silent.next()).type).toBe('next');
  await silent.close();
  stalled.socket.terminate();
});

test('whoever closes one half of the connection is gone at once', async () => {
  const socket = await watching('HalfClosed');
  (socket.socket as unknown as { _socket: Socket })._socket.end();
  expect(await log.line({ operation: 'HalfClosed' })).toMatchObject(CUT_OFF);
  expect((await socket.closed).code).toBe(1006);
});
