import type { NodeId } from '../../../../src/comfyui/protocol/protocol.js';
import { call, card, closeAfterEach, finished, run, start, submit } from '../../support.js';

closeAfterEach();

test('jobs are listed newest first, filtered by status, and paginated', async () => {
  const simulator = await start({ version: '0.8.0' });
  const done = await submit(simulator, card());
  await finished(simulator, done);
  simulator.at('node', 'fail');
  const failed = await submit(simulator, card());
  await finished(simulator, failed);
  simulator.hold();
  const running = await submit(simulator, card());
  await simulator.held();
  const pending = await submit(simulator, card());

  const list = async (query: string) => {
    const { body } = await call(simulator, `/api/jobs${query}`);
    const { jobs, pagination } = body as { jobs: { id: string; status: string }[]; pagination: object };
    return { ids: jobs.map(({ id }) => id).sort(), statuses: jobs.map(({ status }) => status).sort(), pagination };
  };
  expect(await list('')).toMatchObject({
    statuses: ['completed', 'failed', 'in_progress', 'pending'],
    pagination: { offset: 0, limit: null, total: 4, has_more: false },
  });
  expect((await list('?status=pending,in_progress')).ids).toEqual([running, pending].sort());
  expect((await list('?limit=1&offset=1')).pagination).toEqual({ offset: 1, limit: 1, total: 4, has_more: true });
  expect((await call(simulator, `/api/jobs/${failed}`)).body).toMatchObject({
    status: 'failed',
    execution_error: { node_id: '1', exception_type: 'RuntimeError' },
  });
  expect((await call(simulator, `/api/jobs/${running}`)).body).toMatchObject({ status: 'in_progress', priority: 2 });
});

test('an unknown job is 404', async () => {
  const simulator = await start({ version: '0.8.0' });
  expect(await call(simulator, '/api/jobs/unknown')).toMatchObject({ status: 404, body: { error: 'Job not found' } });
});

test('the order of output nodes differs between servers, like that of a Python set', async () => {
  const order = async (hashSeed: number): Promise<NodeId[]> => {
    const graph = card({ prefix: 'x', color: 1 });
    for (const id of ['4', '5', '6', '7']) graph[id] = { class_type: 'PreviewImage', inputs: { images: ['1', 0] } };
    return (await run(await start({ hashSeed }), graph)).prompt[4];
  };
  const [first, again, other] = [await order(1), await order(1), await order(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  expect(other.toSorted()).toEqual(['3', '4', '5', '6', '7']);
});
