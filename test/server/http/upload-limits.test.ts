/** PUTs count in the requests of an address, and a PUT that stands still is closed. */
import { once } from 'node:events';
import { connect as connectTo, type Socket } from 'node:net';
import { picture, put, upload } from '../../assets/uploads/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  const timings = { stalledRequestTimeoutMs: 600, socketPingIntervalMs: 200 };
  app = await startTestApp({ env: { MAX_REQUESTS_PER_ADDRESS: '2' }, timings });
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

/** Sends the head of a PUT and two bytes of its file. */
async function begin(url: string): Promise<Socket & { received: string }> {
  const { hostname, port } = new URL(app.url);
  const socket = Object.assign(connectTo(Number(port), hostname), { received: '' });
  socket.on('error', () => {}).setEncoding('utf8');
  socket.on('data', (data) => {
    socket.received += data;
  });
  await once(socket, 'connect');
  socket.write(`PUT ${url} HTTP/1.1\r\nHost: comfygraph.example\r\nContent-Length: 100\r\n\r\nxx`);
  return socket;
}

test('PUTs above the limit of an address get 429, and those that stand still are closed', async () => {
  const bytes = await picture();
  const last = await upload(alice, { byteSize: bytes.length });
  const urls: string[] = [];
  for (let count = 0; count < 3; count += 1) urls.push((await upload(alice)).url);
  const sockets = await Promise.all(urls.map(begin));
  const limited = await until(
    () => sockets.find(({ received }) => received.startsWith('HTTP/1.1 429')),
    'the limit to be reached',
  );
  await until(() => limited.received.includes('"code":"RATE_LIMITED"'), 'the error');
  const isStalled = (socket: Socket & { received: string }) => socket.closed && socket.received === '';
  await until(() => sockets.some(isStalled), 'a PUT that stands still to be closed');
  for (const socket of sockets) socket.destroy();
  await until(async () => (await put(app.url + last.url, new Uint8Array(bytes))).status === 204, 'a free slot');
});
