/** The log says why a ComfyUI is away, also where it never answered: once, and again whenever the reason changes. */
import { type Answer, type StubServer, startStub } from '../comfyui/server.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { Log } from '../support/log.js';
import { until } from '../support/until.js';
import { backendsOf, isSeen, OFTEN } from './pool.js';

const status =
  (code: number, headers = {}): Answer =>
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

const warnings = () => log.lines.filter(({ msg }) => msg === 'ComfyUI is offline').map(({ reason }) => reason);

test('there is one warning for each reason, however often it is looked at', async () => {
  stub.answers['GET /system_stats'] = status(401);
  app = await startTestApp({ env: { COMFYUI_URL: `gpu=${stub.url}`, LOG_LEVEL: 'info' }, timings: OFTEN, log });
  const reasons = [
    'GET /system_stats was answered 401: it wants other credentials; see COMFYUI_HEADERS',
    'GET /system_stats was answered 302, a redirect: is a sign-in page in front of it?',
    'GET /system_stats was answered with something else than ComfyUI answers',
    'Its catalogue cannot be read: GET /object_info was answered 404',
  ];
  const answers = [
    status(401),
    status(302, { location: '/login' }),
    status(200),
    () => ({ system: { comfyui_version: '0.3.64' }, devices: [] }),
  ];
  for (const [nth, answer] of answers.entries()) {
    stub.answers['GET /system_stats'] = answer;
    await until(() => warnings().includes(reasons[nth]), `reason ${nth + 1}`);
    const asked = stub.count('GET /system_stats');
    await until(() => stub.count('GET /system_stats') > asked + 3, 'it to be asked again');
  }
  expect(warnings().filter((reason) => reason !== 'Its catalogue is being read')).toEqual(reasons);
});

test('one that nobody listens for is logged with the reason', async () => {
  app = await startTestApp({ env: { COMFYUI_URL: 'gpu=http://127.0.0.1:9', LOG_LEVEL: 'info' }, timings: OFTEN, log });
  const line = await log.line({ msg: 'ComfyUI is offline' });
  expect(line).toMatchObject({ backend: 'gpu', reason: 'GET /system_stats failed: ECONNREFUSED' });
});

test('what goes away with work shows nothing running and nothing pending', async () => {
  app = await startTestApp({ timings: OFTEN, log });
  admin = await signUp(app.url, 'admin@example.com');
  app.simulator.hold();
  await fetch(`${app.simulator.url}/prompt`, { method: 'POST', body: JSON.stringify({ prompt: CARD }) });
  await until(async () => (await backendsOf(admin))[0]?.running === 1, 'it to be at work');
  await app.simulator.down();
  expect(await isSeen(app, admin, app.simulator, 'OFFLINE')).toMatchObject({ running: 0, pending: 0 });
});

const CARD = {
  1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  2: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
};
