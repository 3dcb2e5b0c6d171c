/**
 * A ComfyUI that responds but does not work is OFFLINE with a reason, gets no jobs, and is ONLINE again when it works.
 *
 * @slow: waits until ComfyUIs count as dead.
 */
import { randomUUID } from 'node:crypto';
import type { Simulator } from '../../../src/simulator/index.js';
import { becomes, cancel, create, promptsOf, queueOf, read, settles, sql } from '../../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { backendOf, executedBy, homeOf, isCheckedAgain, isLongOffline, isSeen, nameOf, OFTEN } from '../pool.js';

const IDLE_TIMEOUT_MS = 500;

let app: TestApp;
let alice: Client;
let admin: Client;
beforeEach(async () => {
  app = await startTestApp({ simulator: [{}, {}], timings: { ...OFTEN, idleBackendTimeoutMs: IDLE_TIMEOUT_MS } });
  alice = await signUp(app.url);
  admin = await signUp(app.url, ADMIN_EMAIL);
  await allOnline(alice);
});
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
});

const reasonOf = async (simulator: Simulator) => (await backendOf(app, admin, simulator)).reason;

/** Submits prompts of another client that ComfyUI cannot sort: taking the next one ends its worker. */
async function confuse(simulator: Simulator): Promise<void> {
  simulator.hold();
  const prompt_id = randomUUID();
  for (const value of [1, 2, 3, 4]) {
    const prompt = {
      '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: value } },
    };
    const body = JSON.stringify({ prompt: { ...prompt, '2': save }, prompt_id, number: 1_000 });
    await fetch(`${simulator.url}/prompt`, { method: 'POST', body });
  }
  simulator.release();
}
/** Holds all health checks until the returned function is called. */
function holdChecks(simulator: Simulator): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  simulator.at(
    'request',
    { do: 'call', run: () => promise },
    { times: Number.POSITIVE_INFINITY, where: { route: 'GET /system_stats' } },
  );
  return resolve;
}
const save = { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'other' } };

test('a backend that does not start its pending prompts is OFFLINE: its jobs run elsewhere, and a restart makes it ONLINE', async () => {
  const [faulty, other] = app.simulators as [Simulator, Simulator];
  // No check may find the fault before the backend has jobs.
  const releaseChecks = holdChecks(faulty);
  await confuse(faulty);
  await until(async () => {
    const { running, pending } = await queueOf(faulty);
    return running.length === 0 && pending.length > 0;
  }, 'its worker to be dead');
  // Both have the same load until one is known to be dead.
  other.hold();
  const made = await Promise.all(Array.from({ length: 4 }, () => create(alice)));
  const homes = await Promise.all(made.map(async ({ id }) => (await homeOf(app, id))[0]));
  const stuck = made.filter((_, nth) => homes[nth] === faulty);
  expect(stuck.length).toBeGreaterThan(0);
  other.release();
  releaseChecks();
  const seen = await isSeen(app, admin, faulty, 'OFFLINE');
  expect(seen.reason).toBe('ComfyUI does not start the prompts in its queue');
  expect((await backendOf(app, alice, faulty)).reason).toBeNull();
  // A second server relies on the fault that the first has found. Its first health check follows its first read of the catalogue.
  const since = () => sql(app, `select offline_since from backends where name = $1`, [nameOf(app, faulty)]);
  const before = await since();
  const catalogues = faulty.journal.requests('GET /object_info');
  const second = await app.startAnother();
  await until(
    () => faulty.journal.requests('GET /object_info') > catalogues,
    'the second server to read the catalogue',
  );
  await isCheckedAgain(app, alice, faulty, 4);
  await second.close();
  expect(await since()).toEqual(before);
  await isLongOffline(app, alice, faulty);
  for (const { id } of stuck) expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 2 });
  await faulty.restart();
  await isSeen(app, alice, faulty, 'ONLINE');
  expect(await reasonOf(faulty)).toBeNull();
  for (const { id } of made) {
    await settles(app, id);
    expect((await executedBy(app, id)).reduce((sum, count) => sum + count)).toBe(1);
  }
});

test('a backend that does not stop a canceled prompt is OFFLINE: its other jobs run elsewhere, and a restart makes it ONLINE', async () => {
  for (const simulator of app.simulators) simulator.hold();
  const made = [];
  // Two on each backend: one is running, one is pending.
  for (let nth = 0; nth < 4; nth += 1) {
    const { id } = await create(alice);
    made.push({ id, home: (await homeOf(app, id))[0] });
  }
  const [unwanted, ...others] = made as [(typeof made)[0], ...typeof made];
  const faulty = unwanted.home;
  const behind = others.filter(({ home }) => home === faulty);
  expect(behind).toHaveLength(1);
  faulty.at('node', 'die');
  faulty.release();
  await cancel(alice, unwanted.id);
  await until(
    async () => (await sql(app, 'select from prompts where stop_asked_at is not null')).length === 1,
    'the cancellation to be recorded',
  );
  await isCheckedAgain(app, alice, faulty);
  await isSeen(app, alice, faulty, 'ONLINE');

  await sql(app, `update prompts set stop_asked_at = now() - interval '2 min' where stop_asked_at is not null`);
  expect((await isSeen(app, admin, faulty, 'OFFLINE')).reason).toBe('ComfyUI does not stop a prompt that was canceled');
  await isCheckedAgain(app, alice, faulty);
  await isLongOffline(app, alice, faulty);
  for (const simulator of app.simulators) simulator.release();
  for (const { id } of behind) expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 2 });
  expect(await promptsOf(app, unwanted.id)).toHaveLength(1);
  await faulty.restart();
  await becomes(alice, unwanted.id, 'CANCELED');
  await isSeen(app, alice, faulty, 'ONLINE');
  expect(await reasonOf(faulty)).toBeNull();
  for (const { id } of made) await settles(app, id);
  expect(await read(alice, unwanted.id)).toMatchObject({ status: 'CANCELED', attempt: 1 });
});
