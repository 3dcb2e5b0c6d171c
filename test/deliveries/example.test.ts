/** The example of a receiver, as a process. */
import { becomes, create } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { Processes, said } from '../support/process.js';
import { createWebhook, LOOPBACK, QUICK, untilAll } from './support.js';

const processes = new Processes();
let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ env: LOOPBACK, timings: QUICK });
  alice = await signUp(app.url);
});
afterAll(async () => {
  await processes.end();
  await app.close();
});

test('examples/webhook.mjs accepts signed deliveries, and no others', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const { secret } = await createWebhook(alice, url);
  const env = { WEBHOOK_SECRET: secret, PORT: String(port) };
  const receiver = processes.spawn(['examples/webhook.mjs'], { env });
  await said(receiver, /Listening/);
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(400);
  const { id } = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  await untilAll(alice, 'DELIVERED', 2);
  await said(receiver, new RegExp(`generation.started ${id}[^]*generation.completed ${id}`));
});
