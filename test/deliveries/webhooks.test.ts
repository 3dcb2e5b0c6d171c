/**
 * Webhooks: what they are told, how it is signed, how it is retried, and what ends it.
 *
 * @slow: runs two dozen generations.
 */
import { Webhook } from 'standardwebhooks';
import { becomes, codeOf, create, dataOf, interrupt, reaches, remove, sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { accept, drop, type Receiver, startReceiver, status } from './receiver.js';
import { CREATE, createWebhook, deliveriesOf, LOOPBACK, QUICK, redeliver, untilAll, webhooksOf } from './support.js';

let app: TestApp;
let receiver: Receiver;
let alice: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({ env: LOOPBACK, timings: { ...QUICK, cleanIntervalMs: 100 } });
});
afterAll(() => app.close());
beforeEach(async () => {
  receiver = await startReceiver();
  alice = await signUp(app.url);
});
afterEach(() => receiver.close());

const complete = async (input = {}) => await becomes(alice, (await create(alice, input)).id, 'COMPLETED');
const isAnnounced = (id: string) =>
  sql<{ event: string }>(app, 'select event from deliveries where generation_id = $1', [id]);

test('a webhook is told that a generation started and completed, in this order, signed by its secret', async () => {
  const { secret } = await createWebhook(alice, receiver.url);
  const { id, createdAt } = await complete({ idempotencyKey: 'order 7' }).then(({ id }) =>
    dataOf(alice.ask(`{ generation(id: "${id}") { id createdAt } }`)).then(({ generation }) => generation),
  );
  await untilAll(alice, 'DELIVERED', 2);
  expect(receiver.received.map(({ type }) => type)).toEqual(['generation.started', 'generation.completed']);
  for (const { body, headers } of receiver.received)
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({ data: { id } });
  const [started, completed] = receiver.received;
  expect(started?.data).toMatchObject({ status: 'PROCESSING', completedAt: null, failure: null });
  expect(completed?.data).toEqual({
    ...{ id, status: 'COMPLETED', revision: expect.any(Number), attempt: 1, failure: null, idempotencyKey: 'order 7' },
    ...{ createdAt, startedAt: expect.stringMatching(/Z$/), completedAt: expect.stringMatching(/Z$/) },
  });
});

test('a failed and a canceled generation are announced as such', async () => {
  await createWebhook(alice, receiver.url, ['GENERATION_FAILED', 'GENERATION_CANCELED']);
  app.simulator.at('output', 'omit');
  const { id } = await becomes(alice, (await create(alice)).id, 'FAILED');
  app.simulator.hold();
  const canceled = await create(alice);
  await interrupt(app, alice, canceled.id);
  app.simulator.release();
  await until(() => receiver.accepted.length === 2, 'both ends to be announced');
  const [first, second] = receiver.received;
  expect(first).toMatchObject({
    type: 'generation.failed',
    data: { id, failure: { code: 'NO_OUTPUT', retryable: false } },
  });
  expect(second).toMatchObject({ type: 'generation.canceled', data: { id: canceled.id, failure: null } });
});

test('a webhook is told of nothing that it did not ask for, and of no generation of another user', async () => {
  await createWebhook(alice, receiver.url, ['GENERATION_COMPLETED']);
  const bob = await signUp(app.url);
  await becomes(bob, (await create(bob)).id, 'COMPLETED');
  const { id } = await complete();
  await untilAll(alice, 'DELIVERED', 1);
  expect(receiver.received.map(({ type, data }) => [type, data.id])).toEqual([['generation.completed', id]]);
});

test('webhookUrl is told of the end of its generation, without a signature, and of the end of a retry', async () => {
  const { id } = await complete({ webhookUrl: `${receiver.url}?token=7` });
  const { retryGeneration } = await dataOf(alice.ask(`mutation { retryGeneration(id: "${id}") { id } }`));
  await until(() => receiver.accepted.length === 2, 'both ends to be announced');
  expect(receiver.received.map(({ path, type, data }) => [path, type, data.id])).toEqual([
    ['/hook?token=7', 'generation.completed', id],
    ['/hook?token=7', 'generation.completed', retryGeneration.id],
  ]);
  expect(receiver.received[0]?.headers['webhook-signature']).toBeUndefined();
});

test('a delivery that fails is sent again with the same id and body, and the later event of its generation follows it', async () => {
  let refusals = 3;
  receiver.behavior = (...request) => {
    refusals -= 1;
    (refusals < 0 ? accept : status(500))(...request);
  };
  await createWebhook(alice, receiver.url);
  await complete();
  const [completed, started] = await untilAll(alice, 'DELIVERED', 2);
  expect(receiver.received.map(({ id }) => id)).toEqual([...Array(4).fill(started?.id), completed?.id]);
  expect(new Set(receiver.received.slice(0, 4).map(({ body }) => body)).size).toBe(1);
  expect(started).toMatchObject({ attempts: 4, responseStatus: 204, error: null, nextAttemptAt: null });
});

test('a delivery is given up after ten attempts, and can be sent again with the same id', async () => {
  receiver.behavior = status(302, { location: 'http://169.254.169.254/latest/meta-data' });
  await createWebhook(alice, receiver.url, ['GENERATION_COMPLETED']);
  await complete();
  const [failed] = await untilAll(alice, 'FAILED', 1);
  expect(failed).toMatchObject({
    ...{ attempts: 10, responseStatus: 302, error: 'Status 302: redirects are not followed' },
    ...{ nextAttemptAt: null, deliveredAt: null },
  });
  receiver.behavior = accept;
  expect(await redeliver(alice, String(failed?.id))).toMatchObject({ state: 'PENDING' });
  const [delivered] = await untilAll(alice, 'DELIVERED', 1);
  expect(delivered).toMatchObject({ id: failed?.id, attempts: 11 });
  await redeliver(alice, String(failed?.id));
  await until(() => receiver.accepted.length === 2, 'it to be sent once more');
});

test('status 410 disables a webhook at once: what is pending is given up, and nothing follows', async () => {
  const isPending = Promise.withResolvers<void>();
  receiver.behavior = (...request) => void isPending.promise.then(() => status(410)(...request));
  await createWebhook(alice, receiver.url);
  const { id } = await complete();
  await untilAll(alice, 'PENDING', 2);
  isPending.resolve();
  const all = await untilAll(alice, 'FAILED', 2);
  expect(all.map(({ error }) => error).sort()).toEqual(['Status 410', 'The webhook is disabled']);
  const [webhook] = await webhooksOf(alice);
  expect(webhook?.disabledAt).not.toBeNull();
  await complete();
  expect((await deliveriesOf(alice)).every(({ generationId }) => generationId === id)).toBe(true);
  expect(await codeOf(alice.ask(`mutation { redeliver(id: "${all[0]?.id}") { id } }`))).toBe('CONFLICT');
});

test.each([
  ['five days', "failing_since = now() - interval '6 days', failed_at = now() - interval '1 hour'", true],
  [
    'two failures that are weeks apart',
    "failing_since = now() - interval '30 days', failed_at = now() - interval '29 days'",
    false,
  ],
])('after %s, a webhook that fails again is disabled: %#', async (_, failing, isDisabled) => {
  receiver.behavior = drop;
  const { id } = await createWebhook(alice, receiver.url, ['GENERATION_COMPLETED']);
  await sql(app, `update webhooks set ${failing} where id = $1`, [id]);
  await complete();
  await untilAll(alice, 'FAILED', 1);
  expect((await webhooksOf(alice))[0]?.disabledAt !== null).toBe(isDisabled);
});

test('one success ends the failures of a webhook', async () => {
  const { id } = await createWebhook(alice, receiver.url);
  await sql(app, `update webhooks set failing_since = now() - interval '6 days', failed_at = now() where id = $1`, [
    id,
  ]);
  await complete();
  await untilAll(alice, 'DELIVERED', 2);
  expect(await sql(app, 'select failing_since, failed_at from webhooks where id = $1', [id])).toEqual([
    { failing_since: null, failed_at: null },
  ]);
});

describe('nothing stays, and nothing more is sent', () => {
  const outboxOf = async () =>
    (
      await sql(
        app,
        'select id from deliveries where user_id = $1 union all select id from webhooks where user_id = $1',
        [alice.id],
      )
    ).length;

  test('after the deletion of a generation', async () => {
    await createWebhook(alice, receiver.url);
    const { id } = await complete();
    await untilAll(alice, 'DELIVERED', 2);
    app.simulator.hold();
    const running = await create(alice);
    await reaches(app, running.id, 'running');
    for (const each of [id, running.id]) await remove(alice, each);
    app.simulator.release();
    expect(await isAnnounced(id)).toEqual([]);
    await complete();
    await untilAll(alice, 'DELIVERED', 2);
    expect(await isAnnounced(running.id)).toEqual([]);
  });

  test('after the deletion of a webhook', async () => {
    const { id } = await createWebhook(alice, receiver.url);
    await complete();
    await untilAll(alice, 'DELIVERED', 2);
    await dataOf(alice.ask(`mutation { deleteWebhook(id: "${id}") }`));
    expect(await outboxOf()).toBe(0);
    await complete();
    expect(await outboxOf()).toBe(0);
  });

  test('after the deletion of the account', async () => {
    await createWebhook(alice, receiver.url);
    await complete({ webhookUrl: receiver.url });
    await until(() => receiver.accepted.length === 3, 'everything to be delivered');
    await dataOf(alice.ask('mutation { deleteAccount(password: "correct horse battery") }'));
    expect(await outboxOf()).toBe(0);
  });
});

test('deliveries of a disabled account wait until it is enabled', async () => {
  await createWebhook(alice, receiver.url, ['GENERATION_COMPLETED']);
  const bob = await signUp(app.url);
  const others = await startReceiver();
  await createWebhook(bob, others.url, ['GENERATION_COMPLETED']);
  app.simulator.hold();
  const [{ id }, { id: its }] = [await create(alice), await create(bob)];
  await sql(app, 'update users set disabled_at = now() where id = $1', [alice.id]);
  app.simulator.release();
  await becomes(bob, its, 'COMPLETED');
  await until(() => others.accepted.length === 1, 'the delivery of the other account');
  await until(async () => (await isAnnounced(id)).length === 1, 'the delivery to be pending');
  expect(receiver.received).toEqual([]);
  await sql(app, 'update users set disabled_at = null where id = $1', [alice.id]);
  await until(() => receiver.accepted.length === 1, 'the delivery');
  await others.close();
});

test('servers share the deliveries: each is sent once', async () => {
  const other = await app.startAnother();
  await createWebhook(alice, receiver.url);
  for (let nth = 0; nth < 5; nth += 1) await complete();
  const all = await untilAll(alice, 'DELIVERED', 10);
  expect(receiver.received.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
  expect(all.every(({ attempts }) => attempts === 1)).toBe(true);
  await other.close();
});

test('old deliveries are removed, and pending ones never', async () => {
  await createWebhook(alice, receiver.url);
  const [a, b, c] = [await complete(), await complete(), await complete()];
  await untilAll(alice, 'DELIVERED', 6);
  const age = (id: string | undefined, state: string, days: number) =>
    sql(
      app,
      `update deliveries set state = $2, created_at = now() - $3 * interval '1 day', next_attempt_at = '2100-01-01' where generation_id = $1`,
      [id, state, days],
    );
  await age(a?.id, 'DELIVERED', 8);
  await age(b?.id, 'FAILED', 29);
  await age(c?.id, 'PENDING', 400);
  await until(async () => (await deliveriesOf(alice)).length === 4, 'the oldest to be removed');
  expect(new Set((await deliveriesOf(alice)).map(({ generationId }) => generationId))).toEqual(new Set([b?.id, c?.id]));
});

test('deliveries are listed in pages, newest first', async () => {
  await createWebhook(alice, receiver.url);
  await complete();
  await complete();
  const all = await untilAll(alice, 'DELIVERED', 4);
  const paged: string[] = [];
  let after: string | null = null;
  do {
    const [webhook] = await webhooksOf(alice, { first: 3, after });
    const { nodes, pageInfo } = webhook?.deliveries ?? { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
    paged.push(...nodes.map(({ id }) => id));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  expect(paged).toEqual(all.map(({ id }) => id));
  const page = 'query ($after: String) { webhooks { deliveries(after: $after) { nodes { id } } } }';
  expect(await codeOf(alice.ask(page, { after: 'x' }))).toBe('BAD_USER_INPUT');
});

test('an account has up to 20 webhooks', async () => {
  for (let nth = 0; nth < 20; nth += 1) await createWebhook(alice, `${receiver.url}/${nth}`);
  const input = { url: receiver.url, events: ['GENERATION_FAILED'] };
  const { errors } = await alice.ask(CREATE, { input });
  expect(errors?.[0]?.message).toBe('Webhook limit reached: 20 of 20 webhooks exist');
});
