/** A socket whose client does not read: unread bytes are bounded, however many senders there are. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { SendBuffer } from '../../../src/server/websocket/send-buffer.js';
import { until } from '../../support/until.js';

const PARCEL = 'x'.repeat(2 ** 20);
const PARCELS = 100;
/** More than the buffers of both ends hold. */
const IN_BETWEEN = 30;

let sockets: WebSocketServer;
let client: WebSocket;
let socket: WebSocket;
beforeEach(async () => {
  sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(sockets, 'listening');
  client = new WebSocket(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`);
  [[socket]] = await Promise.all([once(sockets, 'connection') as Promise<[WebSocket]>, once(client, 'open')]);
});
afterEach(() => {
  client.terminate();
  sockets.close();
});

test('few of a hundred senders send while the client does not read, and then all do', async () => {
  const sendBuffer = new SendBuffer(socket);
  let sent = 0;
  const all = Array.from({ length: PARCELS }, async () => {
    await sendBuffer.room();
    sent += 1;
    await sendBuffer.send(PARCEL);
  });
  let read = 0;
  client.on('message', () => {
    read += 1;
  });
  client.pause();
  await until(() => socket.bufferedAmount > 0, 'the buffers to be full');
  // The server would run ahead in these turns of the event loop.
  for (let turn = 0; turn < 500; turn += 1) await new Promise(setImmediate);
  expect(sent).toBeLessThan(IN_BETWEEN);
  client.resume();
  await Promise.all(all);
  await until(() => read === PARCELS, 'all to be read');
});

test('senders do not wait for a closed socket', async () => {
  const sendBuffer = new SendBuffer(socket);
  client.pause();
  const all = Array.from({ length: PARCELS }, async () => {
    await sendBuffer.room();
    await sendBuffer.send(PARCEL);
  });
  await until(() => socket.bufferedAmount > 0, 'the buffers to be full');
  socket.terminate();
  await Promise.all(all);
});
