/** Sockets whose client is gone without a close frame. */
import type { Socket } from 'node:net';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { Log } from '../../support/log.js';
import { connect } from '../../support/socket.js';

const log = new Log();
let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ env: { LOG_LEVEL: 'info' }, log, timings: { socketPingIntervalMs: 1_000 } });
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
const TERMINATED = { outcome: 'closed', closeCode: 1006 };

test('a client that no longer reads is terminated at the second ping; a silent client stays connected', async () => {
  const [stalled, silent] = [await watching('Stalled'), await watching('Silent')];
  stalled.socket.pause();
  await create();
  expect((await silent.next()).type).toBe('next');
  expect(await log.line({ operation: 'Stalled' })).toMatchObject(TERMINATED);
  await create();
  expect((await silent.next()).type).toBe('next');
  await silent.close();
  stalled.socket.terminate();
});

test('a half-closed connection is closed at once', async () => {
  const socket = await watching('HalfClosed');
  (socket.socket as unknown as { _socket: Socket })._socket.end();
  expect(await log.line({ operation: 'HalfClosed' })).toMatchObject(TERMINATED);
  expect((await socket.closed).code).toBe(1006);
});
