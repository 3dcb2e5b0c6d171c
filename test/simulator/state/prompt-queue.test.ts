import { randomUUID } from 'node:crypto';
import type { Simulator } from '../../../src/simulator/index.js';
import { until } from '../../support/until.js';
import { call, card, closeAfterEach, entry, finished, listen, queue, run, start, submit } from '../support.js';

closeAfterEach();

/** Starts a simulator whose worker is held in a first prompt, so that later prompts are pending. */
async function startBusy(): Promise<{ simulator: Simulator; running: string }> {
  const simulator = await start();
  simulator.hold();
  const running = await submit(simulator, card(), { client_id: 'busy' });
  await simulator.held();
  return { simulator, running };
}

const ids = (items: unknown[][]) => items.map((item) => item[1]);

describe('the order of prompts', () => {
  test('lower numbers run first, equal numbers by id', async () => {
    const { simulator } = await startBusy();
    const a = '11111111-1111-4111-8111-111111111111';
    const b = '22222222-2222-4222-8222-222222222222';
    const late = await submit(simulator, card(), { number: 9 });
    await submit(simulator, card(), { number: 5, prompt_id: b });
    await submit(simulator, card(), { number: 5, prompt_id: a });
    simulator.release();
    await finished(simulator, late);
    const { body } = await call(simulator, '/history');
    expect(Object.keys(body).slice(1)).toEqual([a, b, late]);
  });

  test('prompts with `front` run newest first', async () => {
    const { simulator } = await startBusy();
    const normal = await submit(simulator, card());
    const first = await submit(simulator, card(), { front: true });
    const second = await submit(simulator, card(), { front: true });
    simulator.release();
    await finished(simulator, normal);
    expect(Object.keys((await call(simulator, '/history')).body).slice(1)).toEqual([second, first, normal]);
  });

  test('the counter advances for rejected prompts, and not for prompts with a number', async () => {
    const simulator = await start();
    const number = async (body: object) => (await call(simulator, '/prompt', body)).body.number;
    expect(await number({ prompt: card() })).toBe(0);
    expect(await number({ prompt: {} })).toBeUndefined();
    expect(await number({ prompt: card(), number: '7' })).toBe(7);
    expect(await number({ prompt: card() })).toBe(2);
    expect(await number({ prompt: card(), front: true })).toBe(-3);
  });

  test('NaN as number is returned as Python writes it, which is invalid JSON', async () => {
    const simulator = await start();
    expect((await call(simulator, '/prompt', { prompt: card(), number: 'nan' })).text).toContain('"number": NaN');
  });

  test('pending prompts are listed in heap order', async () => {
    const { simulator, running } = await startBusy();
    const byNumber = new Map<number, string>();
    for (const number of [8, 3, 5, 1, 9, 2, 7]) byNumber.set(number, await submit(simulator, card(), { number }));
    const { queue_running, queue_pending } = await queue(simulator);
    expect(ids(queue_running)).toEqual([running]);
    // Layouts from Python's heapq: after seven pushes, and after one item was removed from the middle.
    expect(queue_pending.map((item) => item[0])).toEqual([1, 3, 2, 8, 9, 5, 7]);
    await call(simulator, '/queue', { delete: [byNumber.get(3)] });
    expect((await queue(simulator)).queue_pending.map((item) => item[0])).toEqual([1, 2, 7, 9, 5, 8]);
  });

  test('two prompts that Python cannot compare are a 500, and both run', async () => {
    const { simulator } = await startBusy();
    const prompt_id = randomUUID();
    await submit(simulator, card(), { number: 4, prompt_id });
    const { status } = await call(simulator, '/prompt', { prompt: card(), number: 4, prompt_id });
    expect(status).toBe(500);
    expect(ids((await queue(simulator)).queue_pending)).toEqual([prompt_id, prompt_id]);
  });
});

describe('status messages', () => {
  test('every client gets three per prompt: queued, started, finished', async () => {
    const simulator = await start();
    const stranger = await listen(simulator);
    await run(simulator, card(), { client_id: 'someone' });
    await stranger.hears('status', 4);
    const remaining = stranger.of('status').map(({ status }) => (status as { exec_info: object }).exec_info);
    expect(remaining).toEqual([0, 1, 1, 0].map((queue_remaining) => ({ queue_remaining })));
    expect(stranger.types()).toEqual(['status', 'status', 'status', 'status']);
  });

  test('the first of a socket contains its id, which the server generates when the client gives none', async () => {
    const simulator = await start();
    const listener = await listen(simulator, '');
    await run(simulator, card());
    await listener.hears('status', 4);
    const sids = listener.of('status').map(({ sid }) => sid);
    expect(sids).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), undefined, undefined, undefined]);
  });

  test('deleting the only pending prompt sends two, and the prompt has no other event and no history', async () => {
    const { simulator, running } = await startBusy();
    const listener = await listen(simulator, 'me');
    const pending = await submit(simulator, card(), { client_id: 'me' });
    await listener.hears('status', 2);
    expect(await call(simulator, '/queue', { delete: [pending, running, 'unknown'] })).toMatchObject({
      status: 200,
      text: '',
    });
    await listener.hears('status', 4);
    simulator.release();
    await finished(simulator, running);
    await listener.hears('status', 5);
    expect(listener.types()).toEqual(Array(5).fill('status'));
    expect(await entry(simulator, pending)).toBeUndefined();
    expect(simulator.journal.prompt(pending)).toMatchObject({ received: 1, executed: 0, deleted: 1 });
  });

  test('clearing the queue deletes pending prompts and keeps the running one', async () => {
    const { simulator, running } = await startBusy();
    await submit(simulator, card());
    await submit(simulator, card());
    await call(simulator, '/queue', { clear: true });
    expect((await call(simulator, '/prompt')).body).toEqual({ exec_info: { queue_remaining: 1 } });
    simulator.release();
    await finished(simulator, running);
  });

  test('the queue omits secrets in newer versions, and history in all versions', async () => {
    const extra_data = { api_key_comfy_org: 'secret' };
    for (const [version, isHidden] of [
      ['0.3.64', false],
      ['0.8.0', true],
    ] as const) {
      const simulator = await start({ version });
      simulator.hold();
      const promptId = await submit(simulator, card(), { extra_data });
      await simulator.held();
      expect((await call(simulator, '/queue')).text.includes('secret')).toBe(!isHidden);
      simulator.release();
      await finished(simulator, promptId);
      expect((await call(simulator, `/history/${promptId}`)).text).not.toContain('secret');
    }
  });
});

describe('history', () => {
  test('is oldest first; a limit alone returns the newest entries, an offset counts from the oldest', async () => {
    const simulator = await start();
    const all: string[] = [];
    for (let count = 0; count < 4; count++) {
      const promptId = await submit(simulator, card());
      await finished(simulator, promptId);
      all.push(promptId);
    }
    const page = async (query: string) => Object.keys((await call(simulator, `/history${query}`)).body);
    expect(await page('')).toEqual(all);
    expect(await page('?max_items=2')).toEqual(all.slice(2));
    expect(await page('?max_items=2&offset=1')).toEqual(all.slice(1, 3));
    expect(await page('?max_items=0')).toEqual([]);
    expect((await call(simulator, '/history?max_items=x')).status).toBe(500);
  });

  test('deletes one entry or all', async () => {
    const simulator = await start();
    const [a, b] = [await submit(simulator, card()), await submit(simulator, card())];
    await finished(simulator, b);
    await call(simulator, '/history', { delete: [a] });
    expect(Object.keys((await call(simulator, '/history')).body)).toEqual([b]);
    await call(simulator, '/history', { clear: true });
    expect((await call(simulator, '/history')).body).toEqual({});
  });

  test('returns an empty object for an unknown id', async () => {
    expect(await call(await start(), '/history/unknown')).toMatchObject({ status: 200, body: {} });
  });

  test('has no entry yet when execution_success is sent', async () => {
    const simulator = await start();
    const listener = await listen(simulator, 'me');
    simulator.at('success', 'hold');
    const promptId = await submit(simulator, card(), { client_id: 'me' });
    await simulator.held();
    await listener.hears('execution_success');
    expect(await entry(simulator, promptId)).toBeUndefined();
    expect(ids((await queue(simulator)).queue_running)).toEqual([promptId]);
    simulator.release();
    await finished(simulator, promptId);
    await listener.hearsEnd(promptId);
  });

  test('delays an entry by historyLagMs', async () => {
    const simulator = await start({ historyLagMs: 60_000 });
    const listener = await listen(simulator, 'me');
    const promptId = await submit(simulator, card(), { client_id: 'me' });
    await listener.hears('execution_success');
    expect(await entry(simulator, promptId)).toBeUndefined();
  });
});

test('two prompts with the same id both run, and history keeps the last', async () => {
  const simulator = await start();
  const prompt_id = randomUUID();
  await submit(simulator, card(), { prompt_id });
  await submit(simulator, card(), { prompt_id });
  await until(() => simulator.journal.prompt(prompt_id).succeeded === 2, 'both to end');
  await until(async () => (await queue(simulator)).queue_running.length === 0, 'the queue to be empty');
  expect((await entry(simulator, prompt_id))?.prompt.slice(0, 2)).toEqual([1, prompt_id]);
  expect(simulator.journal.prompt(prompt_id)).toMatchObject({ received: 2, executed: 2 });
});
