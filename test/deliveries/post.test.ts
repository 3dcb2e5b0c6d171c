/** A receiver can neither hold an attempt longer than its timeout nor fill the memory. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ClaimedDelivery } from '../../src/deliveries/claims.js';
import { Destinations } from '../../src/deliveries/webhooks/destinations.js';
import { readNetworks } from '../../src/deliveries/webhooks/networks.js';
import { WebhookChannel } from '../../src/deliveries/webhooks/webhook-channel.js';
import { WebhookEvent } from '../../src/deliveries/webhooks/webhook-event.js';

const destinations = new Destinations(readNetworks('127.0.0.0/8').networks);
const never = new AbortController().signal;
const DELIVERY: ClaimedDelivery = {
  ...{ id: 'a', userId: 'b', generationId: 'c', target: 'd', event: WebhookEvent.GENERATION_FAILED, data: {} },
  ...{ createdAt: '2026-11-28 00:00:00+00', attempts: 1, failures: 0, url: '', secret: null, isFailing: false },
};

let server: Server;
let answer: (socket: Socket) => void;
let sockets: Socket[];
beforeEach(async () => {
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((closed) => server.close(closed));
});

const send = (timeoutMs: number, stop = never) => {
  const { port } = server.address() as AddressInfo;
  return new WebhookChannel(destinations, timeoutMs).send({ ...DELIVERY, url: `http://127.0.0.1:${port}/` }, stop);
};
const LONG = 60_000;

test('a response without an end is delivered, and cut off', async () => {
  let sent = 0;
  answer = (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const more = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536))) sent += 65_536;
    };
    socket.on('drain', more);
    more();
  };
  expect(await send(LONG)).toEqual({ isDelivered: true, status: 200 });
  expect(sent).toBeLessThan(64 * 1024 * 1024);
});

test('a body that stands still is delivered when the time is over', async () => {
  answer = (socket) => void socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 9\r\n\r\nx');
  expect(await send(200)).toEqual({ isDelivered: true, status: 202 });
});

test('no response within the timeout is a failure', async () => {
  answer = (socket) => void socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
  expect(await send(200)).toEqual({ isDelivered: false, status: null, error: 'No response within 0.2 seconds' });
});

test.each<[string, (socket: Socket) => void, string]>([
  [
    'headers without an end',
    (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}`),
    'HPE_HEADER_OVERFLOW',
  ],
  ['no HTTP', (socket) => void socket.end('220 smtp.example.com ESMTP\r\n'), 'HPE_INVALID_CONSTANT'],
  ['a cut connection', (socket) => void socket.destroy(), 'ECONNRESET'],
])('%s is a failure', async (_, its, code) => {
  answer = its;
  expect(await send(LONG)).toEqual({ isDelivered: false, status: null, error: `The connection failed: ${code}` });
});

test('a change of protocol is a failure', async () => {
  answer = (socket) =>
    void socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
  expect(await send(LONG)).toMatchObject({ isDelivered: false });
});

test('an aborted attempt has no outcome', async () => {
  const stop = new AbortController();
  answer = () => stop.abort();
  expect(await send(LONG, stop.signal)).toBeUndefined();
});
