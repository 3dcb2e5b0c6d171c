/** A ComfyUI that answers and does not work is OFFLINE with a reason, gets nothing new, and is taken again when it works. */
import { randomUUID } from 'node:crypto';
import type { Simulator } from '../../src/simulator/index.js';
import { becomes, cancel, create, promptsOf, queueOf, read, settles, sql } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { backendOf, executedBy, homeOf, isLongOffline, isLookedAt, isSeen, nameOf, OFTEN } from './pool.js';

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

/** Strangers' prompts that ComfyUI cannot put in an order: taking the next one ends its worker. */
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
/** Nobody learns how it is; the answer lets them go on. */
function holdChecks(simulator: Simulator): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  simulator.at(
    'request',
    { do: 'call', run: () => promise },
    { times: Number.POSITIVE_INFINITY, where: { route: 'GET /system_stats' } },
  );
  return resolve;
}
const save = { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'stranger' } };

test('one whose queue nothing is taken from: its work goes elsewhere, and it is taken again after a restart', async () => {
  const [deaf, other] = app.simulators as [Simulator, Simulator];
  // Nobody finds out before it has work.
  const letThrough = holdChecks(deaf);
  await confuse(deaf);
  await until(async () => {
    const { running, pending } = await queueOf(deaf);
    return running.length === 0 && pending.length > 0;
  }, 'its worker to be dead');
  // Both are busy alike for whoever counts, until one is known to be dead.
  other.hold();
  const made = await Promise.all(Array.from({ length: 4 }, () => create(alice)));
  const homes = await Promise.all(made.map(async ({ id }) => (await homeOf(app, id))[0]));
  const stuck = made.filter((_, nth) => homes[nth] === deaf);
  expect(stuck.length).toBeGreaterThan(0);
  other.release();
  letThrough();
  const seen = await isSeen(app, admin, deaf, 'OFFLINE');
  expect(seen.reason).toBe('It takes nothing from its queue');
  expect((await backendOf(app, alice, deaf)).reason).toBeNull();
  // Another server, which has not seen it for so long, takes the word of the first. It judges right after it has read the catalogue.
  const since = () => sql(app, `select offline_since from backends where name = $1`, [nameOf(app, deaf)]);
  const before = await since();
  const catalogues = deaf.journal.requests('GET /object_info');
  const second = await app.startAnother();
  await until(() => deaf.journal.requests('GET /object_info') > catalogues, 'the second to look at it');
  await isLookedAt(app, alice, deaf, 4);
  await second.close();
  expect(await since()).toEqual(before);
  await isLongOffline(app, alice, deaf);
  for (const { id } of stuck) expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 2 });
  await deaf.restart();
  await isSeen(app, alice, deaf, 'ONLINE');
  expect(await reasonOf(deaf)).toBeNull();
  for (const { id } of made) {
    await settles(app, id);
    expect((await executedBy(app, id)).reduce((sum, count) => sum + count)).toBe(1);
  }
});

test('one that does not stop what it was asked to stop: its other work goes elsewhere, and it is taken again after a restart', async () => {
  for (const simulator of app.simulators) simulator.hold();
  const made = [];
  // Two on each: one runs, one is behind it.
  for (let nth = 0; nth < 4; nth += 1) {
    const { id } = await create(alice);
    made.push({ id, home: (await homeOf(app, id))[0] });
  }
  const [unwanted, ...others] = made as [(typeof made)[0], ...typeof made];
  const deaf = unwanted.home;
  const behind = others.filter(({ home }) => home === deaf);
  expect(behind).toHaveLength(1);
  deaf.at('node', 'die');
  deaf.release();
  await cancel(alice, unwanted.id);
  await until(
    async () => (await sql(app, 'select from prompts where stop_asked_at is not null')).length === 1,
    'it to be asked to stop',
  );
  await isLookedAt(app, alice, deaf);
  await isSeen(app, alice, deaf, 'ONLINE');

  await sql(app, `update prompts set stop_asked_at = now() - interval '2 min' where stop_asked_at is not null`);
  expect((await isSeen(app, admin, deaf, 'OFFLINE')).reason).toBe('It does not stop what it was asked to stop');
  await isLookedAt(app, alice, deaf);
  await isLongOffline(app, alice, deaf);
  for (const simulator of app.simulators) simulator.release();
  for (const { id } of behind) expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 2 });
  expect(await promptsOf(app, unwanted.id)).toHaveLength(1);
  await deaf.restart();
  await becomes(alice, unwanted.id, 'CANCELED');
  await isSeen(app, alice, deaf, 'ONLINE');
  expect(await reasonOf(deaf)).toBeNull();
  for (const { id } of made) await settles(app, id);
  expect(await read(alice, unwanted.id)).toMatchObject({ status: 'CANCELED', attempt: 1 });
});
