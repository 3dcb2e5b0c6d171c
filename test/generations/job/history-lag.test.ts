/** ComfyUI reports success before its history has the prompt: the server draws no conclusion from that gap. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import {
  becomes,
  cancel,
  create,
  expectTrueEnd,
  finishes,
  follow,
  journalOf,
  QUICK,
  remove,
  settles,
} from '../support.js';

const LAG_MS = 250;

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ simulator: { historyLagMs: LAG_MS }, timings: QUICK });
  alice = await signUp(app.url);
});
afterAll(() => app.close());

test('a generation is COMPLETED once the history has it', async () => {
  const { id } = await create(alice);
  const end = await becomes(alice, id, 'COMPLETED');
  await expectTrueEnd(app, end);
  expect(end.attempt).toBe(1);
  expect(await journalOf(app, id)).toMatchObject({ executed: 1 });
});

test('a cancel before the history has the prompt ends the generation once', async () => {
  const begun = Promise.withResolvers<string>();
  app.simulator.at('success', { do: 'call', run: async () => void (await cancel(alice, await begun.promise)) });
  const { id } = await create(alice);
  const watching = follow(app, alice, id);
  await until(() => watching.seen.length > 0, 'the subscription to begin');
  begun.resolve(id);
  const end = await finishes(alice, id);
  await expectTrueEnd(app, end);
  expect(['COMPLETED', 'CANCELED']).toContain(end.status);
  await watching.ended;
  expect(watching.seen.filter(({ completedAt }) => completedAt !== null)).toEqual([end]);
});

test('a generation deleted before the history has its prompt leaves nothing', async () => {
  const begun = Promise.withResolvers<string>();
  app.simulator.at('success', { do: 'call', run: async () => void (await remove(alice, await begun.promise)) });
  const { id } = await create(alice);
  const watching = follow(app, alice, id);
  await until(() => watching.seen.length > 0, 'the subscription to begin');
  begun.resolve(id);
  await watching.ended;
  await settles(app, id);
});
