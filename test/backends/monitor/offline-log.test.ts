/** The log says why a backend is offline: once, and again whenever the reason changes. */
import { type StubResponse, type StubServer, startStub } from '../../comfyui/server.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { Log } from '../../support/log.js';
import { until } from '../../support/until.js';
import { backendsOf, isSeen, OFTEN } from '../pool.js';

const status =
  (code: number, headers = {}): StubResponse =>
  ({ response }) =>
    void response.writeHead(code, headers).end('<html>');

let app: TestApp;
let stub: StubServer;
let log: Log;
let admin: Client;
beforeEach(async () => {
  stub = await startStub();
  log = new Log();
});
afterEach(async () => {
  await app.close();
  await stub.close();
});

const warnings = () => log.lines.filter(({ msg }) => msg === 'backend is offline').map(({ reason }) => reason);

test('there is one warning for each reason, however many checks find it', async () => {
  stub.responses['GET /system_stats'] = status(401);
  app = await startTestApp({ env: { COMFYUI_URL: `gpu=${stub.url}`, LOG_LEVEL: 'info' }, timings: OFTEN, log });
  const reasons = [
    'GET /system_stats returned 401: check the credentials in COMFYUI_URL or COMFYUI_HEADERS',
    'GET /system_stats returned 302, a redirect: ComfyUI may be behind a sign-in page',
    'GET /system_stats returned an unexpected body: is this a ComfyUI?',
    'Cannot read the catalogue of nodes and models: GET /object_info returned 404',
  ];
  const answers = [
    status(401),
    status(302, { location: '/login' }),
    status(200),
    () => ({ system: { comfyui_version: '0.3.64' }, devices: [] }),
  ];
  for (const [nth, answer] of answers.entries()) {
    stub.responses['GET /system_stats'] = answer;
    await until(() => warnings().includes(reasons[nth]), `reason ${nth + 1}`);
    const checks = stub.count('GET /system_stats');
    await until(() => stub.count('GET /system_stats') > checks + 3, 'more checks');
  }
  expect(warnings().filter((reason) => reason !== 'Reading the catalogue of nodes and models')).toEqual(reasons);
});

test('a backend that refuses connections is logged with the reason', async () => {
  app = await startTestApp({ env: { COMFYUI_URL: 'gpu=http://127.0.0.1:9', LOG_LEVEL: 'info' }, timings: OFTEN, log });
  const line = await log.line({ msg: 'backend is offline' });
  expect(line).toMatchObject({ backend: 'gpu', reason: 'GET /system_stats failed: ECONNREFUSED' });
});

test('a backend that goes away with jobs shows nothing running and nothing pending', async () => {
  app = await startTestApp({ timings: OFTEN, log });
  admin = await signUp(app.url, 'admin@example.com');
  app.simulator.hold();
  await fetch(`${app.simulator.url}/prompt`, { method: 'POST', body: JSON.stringify({ prompt: CARD }) });
  await until(async () => (await backendsOf(admin))[0]?.running === 1, 'the prompt to run');
  await app.simulator.down();
  expect(await isSeen(app, admin, app.simulator, 'OFFLINE')).toMatchObject({ running: 0, pending: 0 });
});

const CARD = {
  1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  2: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
};
