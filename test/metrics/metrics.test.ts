/**
 * `/metrics`: who may read it, and that its numbers are what happened.
 *
 * @slow: runs two dozen generations.
 */
import type { App } from '../../src/app.js';
import {
  becomes,
  cancel,
  comesToRest,
  create,
  follow,
  interrupt,
  occupy,
  QUICK,
  reaches,
  remove,
  tryCreate,
} from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, overWebSocket, post, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { type Scraped, scrape, sumOf, TOKEN } from './scrape.js';

let app: TestApp;
let alice: Client & { email: string; id: string };
beforeAll(async () => {
  app = await startTestApp({ env: { METRICS_TOKEN: TOKEN }, timings: QUICK });
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const scrapes = (authorization?: string, url = app.url): Promise<Response> =>
  fetch(`${url}/metrics`, authorization === undefined ? {} : { headers: { authorization } });

/** How much a sample has grown. */
const growth = (before: Scraped, after: Scraped, name: string, labels: Record<string, string> = {}): number =>
  (sumOf(after, name, labels) ?? 0) - (sumOf(before, name, labels) ?? 0);

const ENDED = 'comfygraph_generations_ended_total';

test.each([
  ['without a credential', undefined],
  ['with another token', `Bearer ${TOKEN}x`],
  ['with the token as a password', `Basic ${Buffer.from(`prometheus:${TOKEN}`).toString('base64')}`],
  ['with the bare token', TOKEN],
])('%s, /metrics is 401 and says nothing', async (_, authorization) => {
  const response = await scrapes(authorization);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
  expect(await response.text()).not.toContain('comfygraph_');
});

test('an account does not open /metrics, not even of an admin', async () => {
  expect((await scrapes(`Bearer ${alice.token}`)).status).toBe(401);
  const admin = await signUp(app.url, 'admin@example.com');
  expect((await scrapes(`Bearer ${admin.token}`)).status).toBe(401);
});

test('with METRICS_TOKEN, /metrics is text for Prometheus that no cache stores', async () => {
  const response = await scrapes(`Bearer ${TOKEN}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('without METRICS_TOKEN, /metrics does not exist', async () => {
  const other = await app.startAnother({ METRICS_TOKEN: '' });
  try {
    const [metrics, invented] = await Promise.all([scrapes(`Bearer ${TOKEN}`, other.url), fetch(`${other.url}/x`)]);
    expect(metrics.status).toBe(404);
    expect(await metrics.json()).toEqual(await invented.json());
  } finally {
    await other.close();
  }
});

test('every end of a generation is counted once, by its status, failure and built-in workflow', async () => {
  const before = await scrape(app);
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const { data } = await tryCreate(alice, { workflow: 'test-card' });
  await becomes(alice, data.createGeneration.id, 'COMPLETED');
  app.simulator.at('node', { do: 'fail', message: 'boom' }, { where: { classType: 'KSampler' } });
  await becomes(alice, (await create(alice)).id, 'FAILED');
  app.simulator.hold();
  const [runs, isNext] = await occupy(app, alice, { steps: 20 });
  const [waits, isDeleted] = [await create(alice), await create(alice)];
  await cancel(alice, waits.id);
  await cancel(alice, waits.id);
  await remove(alice, isDeleted.id);
  await cancel(alice, isNext.id);
  await becomes(alice, isNext.id, 'CANCELED');
  await interrupt(app, alice, runs.id);
  app.simulator.release();
  await becomes(alice, runs.id, 'CANCELED');
  await remove(alice, runs.id);
  await comesToRest(app);
  const after = await scrape(app);
  expect(growth(before, after, 'comfygraph_generations_created_total')).toBe(7);
  const ends = (labels: Record<string, string>) => growth(before, after, ENDED, labels);
  expect(ends({ status: 'COMPLETED', failure: 'none' })).toBe(2);
  expect(ends({ status: 'COMPLETED', workflow: 'test-card' })).toBe(1);
  expect(ends({ status: 'FAILED', failure: 'EXECUTION_ERROR' })).toBe(1);
  expect(ends({ status: 'CANCELED', failure: 'none' })).toBe(4);
  expect(ends({})).toBe(7);
});

test('each phase of a generation is measured once', async () => {
  const before = await scrape(app);
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const after = await until(async () => {
    const now = await scrape(app);
    return growth(before, now, 'comfygraph_generation_phase_seconds_count', { phase: 'saving' }) > 0 && now;
  }, 'the end to be counted');
  for (const phase of ['queued', 'submitting', 'executing', 'saving']) {
    expect(growth(before, after, 'comfygraph_generation_phase_seconds_count', { phase })).toBe(1);
    expect(growth(before, after, 'comfygraph_generation_phase_seconds_sum', { phase })).toBeLessThan(60);
  }
});

describe('with a second server', () => {
  let other: App;
  beforeAll(async () => {
    other = await app.startAnother();
  });
  afterAll(() => other.close());

  test('the queue has the same depth and age on both', async () => {
    app.simulator.hold();
    await occupy(app, alice);
    for (let number = 0; number < 3; number++) await create(alice);
    await until(
      async () => sumOf(await scrape(app), 'comfygraph_generations_running', { state: 'executing' }) === 1,
      'the start to be recorded',
    );
    for (const { url } of [app, other]) {
      const now = await scrape({ url });
      expect(sumOf(now, 'comfygraph_generations_waiting')).toBe(3);
      expect(sumOf(now, 'comfygraph_generations_oldest_waiting_seconds')).toBeGreaterThan(0);
      expect(sumOf(now, 'comfygraph_generations_running', { state: 'executing' })).toBe(1);
      expect(sumOf(now, 'comfygraph_generations_running', { state: 'submitted' })).toBe(1);
    }
    app.simulator.release();
    await comesToRest(app);
    const now = await scrape(other);
    expect(sumOf(now, 'comfygraph_generations_waiting')).toBe(0);
    expect(sumOf(now, 'comfygraph_generations_oldest_waiting_seconds')).toBe(0);
  });

  test('a ComfyUI has one state, the same on both', async () => {
    const stateOf = async ({ url }: { url: string }) => {
      const now = await scrape({ url });
      const of = (state: string) => sumOf(now, 'comfygraph_backend_state', { backend: 'comfyui-1', state });
      return ['ONLINE', 'DRAINING', 'OFFLINE'].map(of).join();
    };
    for (const each of [app, other]) await until(async () => (await stateOf(each)) === '1,0,0', 'it to be online');
  });

  test('a generation is counted by one of them', async () => {
    await comesToRest(app);
    const both = async () => [await scrape(app), await scrape(other)] as const;
    const [mine, yours] = await both();
    for (let number = 0; number < 4; number++) await becomes(alice, (await create(alice)).id, 'COMPLETED');
    const total = async () => {
      const [now, then] = await both();
      return growth(mine, now, ENDED) + growth(yours, then, ENDED);
    };
    await until(async () => (await total()) >= 4, 'the ends to be counted');
    await comesToRest(app);
    expect(await total()).toBe(4);
  });
});

test('open sockets, streams and subscribers are counted while they last', async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  await reaches(app, id, 'running');
  const following = follow(app, alice, id);
  await until(() => following.seen.length > 0, 'the first event');
  const aborter = new AbortController();
  const stream = await fetch(`${app.url}/graphql/stream`, {
    method: 'POST',
    signal: aborter.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${alice.token}` },
    body: JSON.stringify({ query: 'subscription { generationsUpdated { kind } }' }),
  });
  expect(stream.status).toBe(200);
  const seen = async () => {
    const now = await scrape(app);
    const names = ['connections', 'event_streams', 'subscribers'];
    return names.map((name) => sumOf(now, `comfygraph_${name}`)).join();
  };
  await until(async () => (await seen()) === '2,1,2', 'both to be counted');
  await following.leave();
  aborter.abort();
  await until(async () => (await seen()) === '0,0,0', 'both to be gone');
  const after = await scrape(app);
  const requests = { route: 'graphql' };
  expect(sumOf(after, 'comfygraph_http_requests_total', requests)).toBe(
    Number(sumOf(after, 'comfygraph_http_request_duration_seconds_count', requests)) + 1,
  );
});

test('operations are counted over all transports, and their errors by code', async () => {
  const before = await scrape(app);
  await alice.ask('{ viewer { id } }');
  await overWebSocket(app.url, alice.token).ask('{ viewer { id } }');
  await post(app.url, { query: '{ nothing }' }, alice.token);
  await tryCreate(alice, { width: 1 });
  await until(
    async () => growth(before, await scrape(app), 'comfygraph_graphql_operation_duration_seconds_count') >= 4,
    'the operations to be counted',
  );
  const after = await scrape(app);
  const count = (type: string) =>
    growth(before, after, 'comfygraph_graphql_operation_duration_seconds_count', { type });
  expect([count('query'), count('mutation'), count('none')]).toEqual([2, 1, 1]);
  const errors = (code: string) => growth(before, after, 'comfygraph_graphql_errors_total', { code });
  expect(errors('GRAPHQL_VALIDATION_FAILED')).toBe(1);
  expect(errors('BAD_USER_INPUT')).toBe(1);
  expect(sumOf(after, 'comfygraph_graphql_errors_total', { code: 'INTERNAL_SERVER_ERROR' })).toBe(0);
});

test('no label has a text, a name, an address or an id that a client sent', async () => {
  const canary = 'CANARY';
  const { id } = await create(alice, { prompt: `${canary} prompt`, idempotencyKey: `${canary}-key` });
  await becomes(alice, id, 'COMPLETED');
  await post(app.url, { query: `query ${canary} { viewer { id ${canary} } }`, operationName: canary }, alice.token, {
    'user-agent': canary,
    'x-forwarded-for': canary,
  });
  await fetch(`${app.url}/${canary}/${canary}?${canary}`, { method: 'DELETE' });
  await fetch(`${app.url}/images/${id}?${canary}`);
  const { text, samples } = await until(async () => {
    const now = await scrape(app);
    return Number(sumOf(now, 'comfygraph_http_requests_total', { route: 'other' })) > 0 && now;
  }, 'the requests to be counted');
  for (const secret of [canary, id, alice.id, alice.email, TOKEN, String(alice.token)])
    expect(text).not.toContain(secret);
  const values = samples
    .filter(({ name }) => name.startsWith('comfygraph_'))
    .flatMap(({ labels }) => Object.values(labels));
  expect(values.filter((value) => !/^[\w.+-]{1,40}$/.test(value))).toEqual([]);
});

test('the sum of the stored bytes is read, and the disk is known', async () => {
  const stored = await until(async () => {
    const now = await scrape(app);
    return sumOf(now, 'comfygraph_stored_bytes') !== undefined && now;
  }, 'the sum to be read');
  const size = Number(sumOf(stored, 'comfygraph_disk_bytes', { kind: 'size' }));
  expect(sumOf(stored, 'comfygraph_disk_bytes', { kind: 'available' })).toBeLessThanOrEqual(size);
});
