/** A backend that runs out of memory has to free some, and the prompt is submitted once more. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { becomes, cancel, create, expectTrueEnd, finishes, follow, journalOf, QUICK } from '../support.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ timings: QUICK });
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const TYPES = ['torch.OutOfMemoryError', 'torch.cuda.OutOfMemoryError', 'OutOfMemoryError'];
const runOut = (type: string, times: number, message = 'Allocation on device') =>
  app.simulator.at('step', { do: 'fail', type, message }, { times });
const freed = () => app.simulator.journal.requests('POST /free');

test.each(TYPES)('after %s memory is freed, and the second attempt makes the picture', async (type) => {
  const before = freed();
  runOut(type, 1);
  const { id } = await create(alice);
  const watching = follow(app, alice, id);
  const end = await becomes(alice, id, 'COMPLETED');
  expect(end.attempt).toBe(2);
  await expectTrueEnd(app, end);
  expect(freed()).toBe(before + 1);
  expect(await journalOf(app, id)).toMatchObject({ executed: 2, failed: 1, succeeded: 1 });
  await watching.ended;
  expect(watching.seen.map(({ status }) => status)).not.toContain('FAILED');
});

test.each([
  ['torch.AcceleratorError', 'CUDA error: out of memory'],
  ['RuntimeError', 'MPS backend out of memory (MPS allocated: 17.92 GB)'],
  ['RuntimeError', "DefaultCPUAllocator: can't allocate memory: you tried to allocate 34359738368 bytes."],
])('%s "%s" is an out-of-memory error as well', async (type, message) => {
  const before = freed();
  runOut(type, 1, message);
  expect((await becomes(alice, (await create(alice)).id, 'COMPLETED')).attempt).toBe(2);
  runOut(type, 2, message);
  const { failure } = await becomes(alice, (await create(alice)).id, 'FAILED');
  expect(failure).toMatchObject({ code: 'OUT_OF_MEMORY', retryable: true });
  expect(freed()).toBe(before + 2);
});

test('a generation that runs out of memory again is OUT_OF_MEMORY and retryable', async () => {
  const before = freed();
  runOut(TYPES[0] as string, Number.POSITIVE_INFINITY);
  const end = await becomes(alice, (await create(alice)).id, 'FAILED');
  expect(end).toMatchObject({ attempt: 2, failure: { code: 'OUT_OF_MEMORY', nodeType: 'KSampler', retryable: true } });
  await expectTrueEnd(app, end);
  expect(freed()).toBe(before + 1);
  expect(await journalOf(app, end.id)).toMatchObject({ executed: 2, failed: 2 });
});

test('a generation canceled meanwhile is not submitted again', async () => {
  app.simulator.at('step', 'hold');
  runOut(TYPES[0] as string, 1);
  const { id } = await create(alice);
  await app.simulator.held();
  await cancel(alice, id);
  app.simulator.release();
  expect((await finishes(alice, id)).status).not.toBe('COMPLETED');
  expect(await journalOf(app, id)).toMatchObject({ received: 1 });
});

test('the prompt is submitted again although the request to free memory failed', async () => {
  app.simulator.at('request', 'reset', { times: Number.POSITIVE_INFINITY, where: { route: 'POST /free' } });
  runOut(TYPES[0] as string, 1);
  expect((await becomes(alice, (await create(alice)).id, 'COMPLETED')).attempt).toBe(2);
});
