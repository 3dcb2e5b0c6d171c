/** What has stopped coming on is ended; what is slow, or cannot be heard, is not taken for it. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { becomes, create, expectTrueEnd, follow, journalOf, queueOf, reaches } from './support.js';

const LIMIT_SECONDS = 2;

let app: TestApp;
let alice: Client;
beforeEach(async () => {
  app = await startTestApp({ env: { STALL_TIMEOUT_SECONDS: String(LIMIT_SECONDS) } });
  alice = await signUp(app.url);
});
afterEach(async () => {
  app.simulator.heal();
  await app.close();
});

test('a node that hangs is interrupted and TIMED_OUT, and the next job runs', async () => {
  app.simulator.at('step', 'hold', { skip: 2 });
  const { id } = await create(alice, { steps: 10 });
  const next = await create(alice);
  await until(() => app.simulator.journal.requests('POST /interrupt') > 0, 'the interrupt');
  app.simulator.release();
  const end = await becomes(alice, id, 'FAILED');
  expect(end.failure).toMatchObject({ code: 'TIMED_OUT', retryable: true });
  expect(end.failure?.message).toContain(`${LIMIT_SECONDS} seconds`);
  await expectTrueEnd(app, end);
  await becomes(alice, next.id, 'COMPLETED');
  expect(await queueOf(app.simulator)).toEqual({ running: [], pending: [] });
});

test('one that comes on slowly, for far longer than the limit in all, is not ended', async () => {
  app.simulator.at('step', { do: 'wait', ms: LIMIT_SECONDS * 400 }, { times: 6 });
  const { id } = await create(alice, { steps: 8 });
  const watching = follow(app, alice, id);
  const end = await becomes(alice, id, 'COMPLETED', 40_000);
  expect(Date.parse(String(end.completedAt)) - Date.parse(String(end.startedAt))).toBeGreaterThan(LIMIT_SECONDS * 2000);
  await watching.ended;
  expect(await journalOf(app, id)).toMatchObject({ executed: 1, interrupted: 0 });
});

test('one that waits behind another is not taken for it', async () => {
  app.simulator.at('step', { do: 'wait', ms: LIMIT_SECONDS * 600 }, { times: 4 });
  const runs = await create(alice, { steps: 6 });
  await reaches(app, runs.id, 'running');
  const behind = await create(alice);
  await becomes(alice, behind.id, 'COMPLETED', 40_000);
  expect(await journalOf(app, behind.id)).toMatchObject({ executed: 1, interrupted: 0 });
});

test('silence of a ComfyUI whose socket was never heard is not lack of progress', async () => {
  app.simulator.mute();
  app.simulator.at('step', { do: 'wait', ms: LIMIT_SECONDS * 2000 });
  const { id } = await create(alice);
  await becomes(alice, id, 'COMPLETED', 40_000);
  expect(await journalOf(app, id)).toMatchObject({ executed: 1, interrupted: 0 });
});
