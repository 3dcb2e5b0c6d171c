/** Why something waits, and where it went: true when it is read, and told live when it changes. */
import { drain, isSeen, OFTEN, resume } from '../../backends/pool.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { becomes, create, dataOf, reaches, sql } from '../support.js';

let app: TestApp;
let alice: Client & { id: string };
let admin: Client;
const having = (name: string) => ({ checkpoints: [`${name}.safetensors`] });
beforeAll(async () => {
  app = await startTestApp({
    simulator: [having('a'), having('b')],
    timings: { ...OFTEN, positionsIntervalMs: 50, recheckIntervalMs: 100 },
    env: { MAX_RUNNING_PER_USER: '3' },
  });
  [alice, admin] = [await signUp(app.url), await signUp(app.url, ADMIN_EMAIL)];
  await allOnline(alice);
});
beforeEach(() => {
  for (const simulator of app.simulators) simulator.hold();
});
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await admin.ask('mutation { a: resumeBackend(name: "comfyui-1") { id } b: resumeBackend(name: "comfyui-2") { id } }');
  await sql(app, `update generations set status = 'CANCELED', waiting = false where waiting`);
  await until(async () => (await sql(app, 'select from prompts where ended_at is null')).length === 0, 'rest');
});
afterAll(() => app?.close());

type Told = { status: string; waitReason: string | null; backend: { name: string; isSimulated: boolean } | null };
const FIELDS = 'status waitReason backend { name isSimulated }';
const told = async (id: string): Promise<Told> =>
  (await dataOf(alice.ask(`query ($id: ID!) { generation(id: $id) { ${FIELDS} } }`, { id }))).generation;
const waitsFor = (id: string, reason: string | null) =>
  until(async () => (await told(id)).waitReason === reason, `it to wait for ${reason}`);

test('what executes waits for nothing; what is behind it waits for its turn, in ComfyUI’s queue and before it', async () => {
  const ids = [];
  for (let nth = 0; nth < 3; nth += 1) ids.push((await create(alice, { model: 'a' })).id);
  const [first, second, third] = ids as [string, string, string];
  await reaches(app, first, 'running');
  await reaches(app, second, 'pending');
  const backend = { name: 'comfyui-1', isSimulated: true };
  await waitsFor(first, null);
  expect(await told(first)).toEqual({ status: 'PROCESSING', waitReason: null, backend });
  await until(async () => (await told(second)).status === 'PROCESSING', 'it is accepted');
  expect(await told(second)).toEqual({ status: 'PROCESSING', waitReason: 'TURN', backend });
  expect(await told(third)).toEqual({ status: 'PENDING', waitReason: 'TURN', backend: null });
  app.simulator.release();
  await becomes(alice, third, 'COMPLETED');
  expect(await told(third)).toEqual({ status: 'COMPLETED', waitReason: null, backend });
});

test('one more than a user may have at work waits for the limit, and not for its turn', async () => {
  const made = [];
  for (const model of ['a', 'a', 'b']) made.push(await create(alice, { model }));
  await until(async () => (await sql(app, 'select from prompts where ended_at is null')).length === 3, 'three at work');
  await waitsFor((await create(alice, { model: 'b' })).id, 'RUNNING_LIMIT');
});

test('what only a draining ComfyUI can run waits for that, and a subscriber is told when it changes', async () => {
  // It is full, so that what comes then goes on waiting once it is resumed.
  for (const { id } of [await create(alice, { model: 'b' }), await create(alice, { model: 'b' })])
    await until(async () => (await told(id)).backend !== null, 'it has a place');
  await drain(admin, 'comfyui-2');
  const { id } = await create(alice, { model: 'b' });
  const events = alice.watch(`subscription ($id: ID!) { generationUpdated(id: $id) { ${FIELDS} } }`, { id });
  const next = async () => (await events.next()).value?.data.generationUpdated;
  expect(await next()).toMatchObject({ status: 'PENDING', waitReason: 'BACKEND_DRAINING' });
  await resume(admin, 'comfyui-2');
  expect(await next()).toMatchObject({ status: 'PENDING', waitReason: 'TURN' });
  await events.return?.();
});

test('what only an absent ComfyUI has is unavailable while another is online; with none online all wait for one', async () => {
  const [a, b] = app.simulators as [(typeof app.simulators)[0], (typeof app.simulators)[0]];
  await b.down();
  await isSeen(app, alice, b, 'OFFLINE');
  const { id } = await create(alice, { model: 'b' });
  expect((await told(id)).waitReason).toBe('MODEL_UNAVAILABLE');
  await a.down();
  await isSeen(app, alice, a, 'OFFLINE');
  expect((await told(id)).waitReason).toBe('BACKEND_OFFLINE');
  const { data } = await alice.ask('{ generations(first: 1) { nodes { waitReason } } backends { isSimulated } }');
  expect(data.generations.nodes).toEqual([{ waitReason: 'BACKEND_OFFLINE' }]);
  expect(data.backends).toEqual([{ isSimulated: true }, { isSimulated: true }]);
  await Promise.all([a.up(), b.up()]);
  await allOnline(alice);
});

test('what needs a node class that no ComfyUI has any more waits for that', async () => {
  await drain(admin, 'comfyui-1');
  const { id } = await create(alice, { model: 'a' });
  await sql(
    app,
    `insert into routes (id, needs) select 'lost', jsonb_set(needs, '{classes}', '["Lost"]') from routes limit 1`,
  );
  await sql(app, `update generations set route = 'lost' where id = $1`, [id]);
  await resume(admin, 'comfyui-1');
  expect((await told(id)).waitReason).toBe('NODE_UNAVAILABLE');
});

test('a generation tells its priority and the key that it was asked for by', async () => {
  const { data } = await alice.ask(
    `mutation { a: createGeneration(input: { prompt: "x", priority: -3, idempotencyKey: "k" }) { priority idempotencyKey }
       b: createGeneration(input: { prompt: "x" }) { priority idempotencyKey } }`,
  );
  expect(data).toEqual({
    a: { priority: -3, idempotencyKey: 'k' },
    b: { priority: 0, idempotencyKey: null },
  });
});
