/** How long an idle connection stays open: longer than a proxy keeps it, or the proxy sends a request into a closing connection. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startTestApp, type TestApp } from '../../support/app.js';
import { until } from '../../support/until.js';

/** How long proxies keep an idle connection by default: nginx, Traefik, Caddy, Google's load balancer. */
const USUAL_SECONDS = [60, 90, 120, 600];

const apps: TestApp[] = [];
afterAll(() => Promise.all(apps.map((app) => app.close())));
async function start(options: Parameters<typeof startTestApp>[0] = {}): Promise<TestApp> {
  const app = await startTestApp(options);
  apps.push(app);
  return app;
}

const REQUEST = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';
async function open({ url }: TestApp, text: string): Promise<{ socket: Socket; read: () => string }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let received = '';
  socket.on('data', (data) => {
    received += data;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return { socket, read: () => received };
}
const answersIn = (text: string) => text.split('HTTP/1.1 200').length - 1;

test('the default is longer than that of common proxies', async () => {
  const { read, socket } = await open(await start(), REQUEST);
  await until(() => answersIn(read()) === 1, 'a response');
  const [, seconds] = /keep-alive: timeout=(\d+)/i.exec(read()) ?? [];
  expect(Number(seconds)).toBeGreaterThan(Math.max(...USUAL_SECONDS));
  socket.destroy();
});

test('KEEP_ALIVE_SECONDS sets the keep-alive timeout', async () => {
  const { read, socket } = await open(await start({ env: { KEEP_ALIVE_SECONDS: '1' } }), REQUEST);
  await once(socket, 'close');
  expect(read()).toMatch(/keep-alive: timeout=1\b/i);
});

test('an idle connection outlives the timeout of a stalled request, and takes another request', async () => {
  const app = await start({ timings: { stalledRequestTimeoutMs: 200, socketPingIntervalMs: 90 } });
  const idle = await open(app, REQUEST);
  await until(() => answersIn(idle.read()) === 1, 'a response');
  const stalled = await open(
    app,
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  await once(stalled.socket, 'close');
  idle.socket.write(REQUEST);
  await until(() => answersIn(idle.read()) === 2, 'another response');
  idle.socket.destroy();
});
