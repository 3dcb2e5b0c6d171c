/** A catalogue may be large and slow: it has its own time limit, and the last one is kept. */
import { startStub } from '../../comfyui/server.js';
import { becomes, create } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { backendsOf, OFTEN } from '../pool.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const WHOLE = { where: { route: 'GET /object_info' } };

let app: TestApp;
let alice: Client;
afterEach(() => app.close());

test('a catalogue may take longer than a health check, and is read once', async () => {
  app = await startTestApp({ timings: { ...OFTEN, comfyui: { ...OFTEN.comfyui, requestTimeoutMs: 300 } } });
  alice = await signUp(app.url);
  await allOnline(alice);
  const { journal } = app.simulator;
  const before = journal.requests('GET /object_info');
  const slow = Promise.withResolvers<void>();
  app.simulator.at('request', { do: 'call', run: () => slow.promise }, { ...WHOLE, ...ALWAYS });
  await app.simulator.restart();
  await until(() => journal.requests('GET /object_info') > before, 'the catalogue to be requested');
  const checks = journal.requests('GET /system_stats');
  await until(() => journal.requests('GET /system_stats') > checks + 10, 'ten more health checks');
  expect(journal.requests('GET /object_info')).toBe(before + 1);
  slow.resolve();
  await allOnline(alice);
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
});

test('if the catalogue cannot be read after a restart, the last one is kept and jobs run', async () => {
  app = await startTestApp({ timings: OFTEN });
  alice = await signUp(app.url);
  await allOnline(alice);
  app.simulator.at('request', { do: 'answer', status: 500, body: 'no' }, { ...WHOLE, ...ALWAYS });
  await app.simulator.restart();
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
});

test('a backend whose first catalogue cannot be read is OFFLINE with the reason', async () => {
  app = await startTestApp({ timings: OFTEN });
  const stub = await startStub({
    'GET /system_stats': () => ({ system: { comfyui_version: '0.3.64' }, devices: [] }),
    'GET /object_info': ({ response }) => void response.writeHead(500).end(),
  });
  const another = await app.startAnother({ COMFYUI_URL: `slow=${stub.url}` });
  try {
    const admin = await signUp(another.url, 'admin@example.com');
    await until(
      async () =>
        (await backendsOf(admin))[0]?.reason ===
        'Cannot read the catalogue of nodes and models: GET /object_info returned 500',
      'the reason',
    );
  } finally {
    await another.close();
    await stub.close();
  }
});

test('the default model is the one that most online backends have', async () => {
  const having = (...names: string[]) => ({ checkpoints: names.map((name) => `${name}.safetensors`) });
  app = await startTestApp({ simulator: [having('a', 'common'), having('common'), having('common')], timings: OFTEN });
  alice = await signUp(app.url);
  await allOnline(alice);
  expect((await create(alice)).model).toEqual({ name: 'common' });
  for (const simulator of app.simulators.slice(1)) await simulator.down();
  await until(async () => (await backendsOf(alice)).filter(({ state }) => state === 'ONLINE').length === 1, 'one');
  expect((await create(alice)).model).toEqual({ name: 'a' });
});
