/** waitReason and backend: true when they are read, and reported live when they change. */
import { cut, drain, isSeen, OFTEN, resume } from '../../backends/pool.js';
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
  await until(
    async () => (await sql(app, 'select from prompts where ended_at is null')).length === 0,
    'all prompts to end',
  );
});
afterAll(() => app?.close());

type State = { status: string; waitReason: string | null; backend: { name: string; isSimulated: boolean } | null };
const FIELDS = 'status waitReason backend { name isSimulated }';
const stateOf = async (id: string): Promise<State> =>
  (await dataOf(alice.ask(`query ($id: ID!) { generation(id: $id) { ${FIELDS} } }`, { id }))).generation;
/** Follows a generation. `sees` resolves with the next state that waits for the reason: the queue position may change before. */
function watch(id: string): { sees(waitReason: string | null): Promise<State>; leave(): Promise<unknown> } {
  const events = alice.watch(`subscription ($id: ID!) { generationUpdated(id: $id) { ${FIELDS} } }`, { id });
  const sees = async (waitReason: string | null) => {
    for (;;) {
      const { value, done } = await events.next();
      if (done) throw new Error(`The stream ended before the wait reason was ${waitReason}`);
      const state: State = value.data.generationUpdated;
      if (state.waitReason === waitReason) return state;
    }
  };
  return { sees, leave: async () => events.return?.() };
}
const waitsFor = (id: string, reason: string | null) =>
  until(async () => (await stateOf(id)).waitReason === reason, `the wait reason ${reason}`);

test('an executing generation waits for nothing; those behind it wait for their turn, in ComfyUI’s queue and before it', async () => {
  const ids = [];
  for (let nth = 0; nth < 3; nth += 1) ids.push((await create(alice, { model: 'a' })).id);
  const [first, second, third] = ids as [string, string, string];
  await reaches(app, first, 'running');
  await reaches(app, second, 'pending');
  const backend = { name: 'comfyui-1', isSimulated: true };
  await waitsFor(first, null);
  expect(await stateOf(first)).toEqual({ status: 'PROCESSING', waitReason: null, backend });
  await until(async () => (await stateOf(second)).status === 'PROCESSING', 'the second to be accepted');
  expect(await stateOf(second)).toEqual({ status: 'PROCESSING', waitReason: 'TURN', backend });
  expect(await stateOf(third)).toEqual({ status: 'PENDING', waitReason: 'TURN', backend: null });
  app.simulator.release();
  await becomes(alice, third, 'COMPLETED');
  expect(await stateOf(third)).toEqual({ status: 'COMPLETED', waitReason: null, backend });
});

test('a generation beyond the limit of running ones waits for RUNNING_LIMIT, not for its turn', async () => {
  const made = [];
  for (const model of ['a', 'a', 'b']) made.push(await create(alice, { model }));
  await until(
    async () => (await sql(app, 'select from prompts where ended_at is null')).length === 3,
    'three to be running',
  );
  await waitsFor((await create(alice, { model: 'b' })).id, 'RUNNING_LIMIT');
});

test('a generation that only a draining ComfyUI can run waits for BACKEND_DRAINING, and a subscriber sees the reason change', async () => {
  // Fills it, so that the next generation still waits after the resume.
  for (const { id } of [await create(alice, { model: 'b' }), await create(alice, { model: 'b' })])
    await until(async () => (await stateOf(id)).backend !== null, 'it to have a slot');
  await drain(admin, 'comfyui-2');
  const { id } = await create(alice, { model: 'b' });
  const { sees, leave } = watch(id);
  expect(await sees('BACKEND_DRAINING')).toMatchObject({ status: 'PENDING' });
  await resume(admin, 'comfyui-2');
  expect(await sees('TURN')).toMatchObject({ status: 'PENDING' });
  await leave();
});

test('a model of an offline ComfyUI alone is MODEL_UNAVAILABLE; without an online ComfyUI all wait for BACKEND_OFFLINE', async () => {
  const [a, b] = app.simulators as [(typeof app.simulators)[0], (typeof app.simulators)[0]];
  await b.down();
  await isSeen(app, alice, b, 'OFFLINE');
  const { id } = await create(alice, { model: 'b' });
  expect((await stateOf(id)).waitReason).toBe('MODEL_UNAVAILABLE');
  await a.down();
  await isSeen(app, alice, a, 'OFFLINE');
  expect((await stateOf(id)).waitReason).toBe('BACKEND_OFFLINE');
  const { data } = await alice.ask('{ generations(first: 1) { nodes { waitReason } } backends { isSimulated } }');
  expect(data.generations.nodes).toEqual([{ waitReason: 'BACKEND_OFFLINE' }]);
  expect(data.backends).toEqual([{ isSimulated: true }, { isSimulated: true }]);
  await Promise.all([a.up(), b.up()]);
  await allOnline(alice);
});

test('an executing generation whose ComfyUI goes away waits for BACKEND_OFFLINE until that is back, also live', async () => {
  const { simulator } = app;
  const { id } = await create(alice, { model: 'a' });
  await reaches(app, id, 'running');
  await waitsFor(id, null);
  const { sees, leave } = watch(id);
  const backend = { name: 'comfyui-1', isSimulated: true };
  expect(await sees(null)).toMatchObject({ status: 'PROCESSING', backend });
  const restore = cut(simulator);
  await isSeen(app, alice, simulator, 'OFFLINE');
  expect(await stateOf(id)).toEqual({ status: 'PROCESSING', waitReason: 'BACKEND_OFFLINE', backend });
  expect(await sees('BACKEND_OFFLINE')).toMatchObject({ status: 'PROCESSING', backend });
  restore();
  await isSeen(app, alice, simulator, 'ONLINE');
  expect(await sees(null)).toMatchObject({ status: 'PROCESSING', backend });
  expect((await stateOf(id)).waitReason).toBeNull();
  await leave();
  simulator.release();
  await becomes(alice, id, 'COMPLETED');
});

test('a generation whose node class no ComfyUI has waits for NODE_UNAVAILABLE', async () => {
  await drain(admin, 'comfyui-1');
  const { id } = await create(alice, { model: 'a' });
  await sql(
    app,
    `insert into routes (id, needs) select 'lost', jsonb_set(needs, '{classes}', '["Lost"]') from routes limit 1`,
  );
  await sql(app, `update generations set route = 'lost' where id = $1`, [id]);
  await resume(admin, 'comfyui-1');
  expect((await stateOf(id)).waitReason).toBe('NODE_UNAVAILABLE');
});

test('a generation has its priority and its idempotency key as fields', async () => {
  const { data } = await alice.ask(
    `mutation { a: createGeneration(input: { prompt: "x", priority: -3, idempotencyKey: "k" }) { priority idempotencyKey }
       b: createGeneration(input: { prompt: "x" }) { priority idempotencyKey } }`,
  );
  expect(data).toEqual({
    a: { priority: -3, idempotencyKey: 'k' },
    b: { priority: 0, idempotencyKey: null },
  });
});
