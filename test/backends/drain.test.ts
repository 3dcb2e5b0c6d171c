/** Draining: a backend gets no new jobs, and finishes those it has. */
import type { Simulator } from '../../src/simulator/index.js';
import { becomes, codeOf, create, dataOf, occupy, reaches, read } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { drain, executedBy, isCheckedAgain, isSeen, OFTEN, resume, tryDrain, tryResume } from './pool.js';

let app: TestApp;
let alice: Client;
let admin: Client;
const startPool = async (count: number) => {
  app = await startTestApp({ simulator: Array.from({ length: count }, () => ({})), timings: OFTEN });
  alice = await signUp(app.url);
  admin = await signUp(app.url, ADMIN_EMAIL);
  await allOnline(alice);
};
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
});

test.each([
  ['drainBackend', tryDrain],
  ['resumeBackend', tryResume],
])('%s is for admins, and rejects names that are not configured', async (field, ask) => {
  await startPool(1);
  expect(await codeOf(ask(clientOf(app.url), 'comfyui-1'))).toBe('UNAUTHENTICATED');
  expect(await codeOf(ask(alice, 'comfyui-1'))).toBe('FORBIDDEN');
  expect(await codeOf(ask(alice, 'comfyui-2'))).toBe('FORBIDDEN');
  expect(await ask(admin, 'comfyui-2')).toMatchObject({
    data: { [field]: null },
    errors: [{ path: [field], extensions: { code: 'NOT_FOUND' } }],
  });
  await isCheckedAgain(app, alice, app.simulator);
  await isSeen(app, alice, app.simulator, 'ONLINE');
});

test('a drained backend finishes its jobs, and new ones wait until it is resumed', async () => {
  await startPool(1);
  app.simulator.hold();
  const has = await occupy(app, alice);
  expect(await drain(admin, 'comfyui-1')).toEqual({ name: 'comfyui-1', state: 'DRAINING' });
  const waits = await create(alice);
  app.simulator.release();
  for (const { id } of has) await becomes(alice, id, 'COMPLETED');
  await isCheckedAgain(app, alice, app.simulator);
  await isSeen(app, alice, app.simulator, 'DRAINING');
  expect(await read(alice, waits.id)).toMatchObject({ status: 'PENDING', attempt: 0, queuePosition: 0 });
  const { models } = await dataOf(alice.ask('{ models { available } }'));
  expect(models.length).toBeGreaterThan(0);
  expect(models).toEqual(models.map(() => ({ available: true })));

  expect(await resume(admin, 'comfyui-1')).toEqual({ name: 'comfyui-1', state: 'ONLINE' });
  await becomes(alice, waits.id, 'COMPLETED');
});

test('jobs run on the backend that is not drained', async () => {
  await startPool(2);
  const [first, second] = app.simulators as [Simulator, Simulator];
  await drain(admin, 'comfyui-1');
  const made = await Promise.all(Array.from({ length: 4 }, () => create(alice)));
  for (const { id } of made) {
    await becomes(alice, id, 'COMPLETED');
    expect(await executedBy(app, id)).toEqual([0, 1]);
  }
  await isSeen(app, alice, first, 'DRAINING');
  await isSeen(app, alice, second, 'ONLINE');
});

test('a backend that is drained while it is away is OFFLINE, and DRAINING when it is back', async () => {
  await startPool(1);
  await app.simulator.down();
  await isSeen(app, alice, app.simulator, 'OFFLINE');
  expect(await drain(admin, 'comfyui-1')).toEqual({ name: 'comfyui-1', state: 'OFFLINE' });
  expect(await dataOf(alice.ask('{ backends { isDraining } }'))).toEqual({ backends: [{ isDraining: true }] });
  await app.simulator.up();
  await isSeen(app, alice, app.simulator, 'DRAINING');
  expect(await drain(admin, 'comfyui-1')).toEqual({ name: 'comfyui-1', state: 'DRAINING' });
});

test('every server on the database respects it, including one that starts later', async () => {
  await startPool(1);
  await drain(admin, 'comfyui-1');
  const second = await app.startAnother();
  try {
    const there = clientOf(second.url, alice.token);
    const { id } = await create(there);
    await isCheckedAgain({ ...app, url: second.url }, there, app.simulator, 3);
    expect(await read(there, id)).toMatchObject({ status: 'PENDING', attempt: 0 });
    await isSeen(app, there, app.simulator, 'DRAINING');
    app.simulator.hold();
    await resume(clientOf(second.url, admin.token), 'comfyui-1');
    await reaches(app, id, 'running');
    app.simulator.release();
    await becomes(alice, id, 'COMPLETED');
  } finally {
    await second.close();
  }
});
