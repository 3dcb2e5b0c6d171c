/**
 * A backend that comes back after a long time: a job is executed by it or by another backend, never by both.
 *
 * @slow: waits until a ComfyUI counts as away.
 */
import type { Simulator } from '../../src/simulator/index.js';
import { becomes, cancel, create, read, settles, sql } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import {
  backendOf,
  drain,
  executedBy,
  homeOf,
  isCheckedAgain,
  isLongOffline,
  isSeen,
  nameOf,
  OFTEN,
  resume,
} from './pool.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

let app: TestApp;
let alice: Client;
let admin: Client;
let home: Simulator;
let other: Simulator;
beforeEach(async () => {
  app = await startTestApp({ simulator: [{}, {}], timings: OFTEN });
  [home, other] = app.simulators as [Simulator, Simulator];
  [alice, admin] = await Promise.all([signUp(app.url), signUp(app.url, ADMIN_EMAIL)]);
  await allOnline(alice);
  // The job goes to the other one.
  await drain(admin, nameOf(app, other));
  await isSeen(app, alice, other, 'DRAINING');
  home.hold();
});
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
});

test('it receives no prompt before a check has found that it is back', async () => {
  home.at('prompt:before', { do: 'call', run: () => void home.down() });
  const { id } = await create(alice);
  await isSeen(app, alice, home, 'OFFLINE');
  const answersAgain = home.at(
    'request',
    { do: 'answer', status: 503, body: '' },
    { ...ALWAYS, where: { route: 'GET /system_stats' } },
  );
  await home.up();
  const checks = home.journal.requests('GET /system_stats');
  await until(() => home.journal.requests('GET /system_stats') > checks + 20, 'more time than a repeated POST needs');
  await resume(admin, nameOf(app, other));
  await isLongOffline(app, alice, home);
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 1 });
  answersAgain();
  home.release();
  await settles(app, id);
  expect(await executedBy(app, id)).toEqual([0, 1]);
});

test('a job that waits for this check can be canceled at once', async () => {
  home.at('prompt:before', { do: 'call', run: () => void home.down() });
  const { id } = await create(alice);
  await isSeen(app, alice, home, 'OFFLINE');
  home.at('request', { do: 'answer', status: 503, body: '' }, { ...ALWAYS, where: { route: 'GET /system_stats' } });
  await home.up();
  const checks = home.journal.requests('GET /queue');
  await until(() => home.journal.requests('GET /queue') > checks + 1, 'the prompt to be found nowhere');
  await cancel(alice, id);
  await becomes(alice, id, 'CANCELED');
  await settles(app, id);
  expect(await executedBy(app, id)).toEqual([0, 0]);
});

test('it keeps its jobs while its catalogue is read', async () => {
  const { id } = await create(alice);
  await homeOf(app, id);
  const { promise, resolve: releaseCatalogue } = Promise.withResolvers<void>();
  home.at('request', { do: 'call', run: () => promise }, { ...ALWAYS, where: { route: 'GET /object_info' } });
  const comesBack = home.at('request', 'reset', ALWAYS);
  await isLongOffline(app, alice, home);
  comesBack();
  await until(
    async () => (await backendOf(app, admin, home)).reason?.includes('catalogue'),
    'its catalogue to be read',
  );
  await resume(admin, nameOf(app, other));
  await isSeen(app, alice, other, 'ONLINE');
  await isCheckedAgain(app, alice, other, 4);
  expect(await sql(app, 'select abandoned_at from prompts')).toEqual([{ abandoned_at: null }]);
  expect(await read(alice, id)).toMatchObject({ status: 'PROCESSING', attempt: 1 });
  releaseCatalogue();
  home.release();
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 1 });
  expect(await executedBy(app, id)).toEqual([1, 0]);
});
