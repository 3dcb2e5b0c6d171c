/** Differences between ComfyUI versions that a client sees. */
import type { Graph } from '../../src/comfyui/protocol/protocol.js';
import { isSince, VERSIONS, type Version } from '../../src/simulator/version.js';
import { call, card, closeAfterEach, finished, listen, queue, run, start, submit } from './support.js';

closeAfterEach();

test('versions are compared by their numbers, not as text', () => {
  const since = (first: string) => VERSIONS.filter((version) => isSince(first, version));
  expect(since('0.3.64')).toEqual(['0.3.64', '0.8.0', '0.33.0']);
  expect(since('0.4')).toEqual(['0.8.0', '0.33.0']);
  expect(since('0.8')).toEqual(['0.8.0', '0.33.0']);
  expect(since('0.8.2')).toEqual(['0.33.0']);
  expect(since('1.0')).toEqual([]);
});

test.each<[Version, string, number]>([
  ['0.3.64', 'A-1', 200],
  ['0.8.0', 'A-1', 200],
  ['0.33.0', 'A-1', 400],
  ['0.33.0', '0199C7D2-0000-7000-8000-000000000000', 400],
  ['0.33.0', '0199c7d2-0000-7000-8000-000000000000', 200],
])('%s responds to the prompt id %s with %i', async (version, prompt_id, status) => {
  expect((await call(await start({ version }), '/prompt', { prompt: card(), prompt_id })).status).toBe(status);
});

test('0.33.0 generates an id for null', async () => {
  const { body } = await call(await start({ version: '0.33.0' }), '/prompt', { prompt: card(), prompt_id: null });
  expect(body.prompt_id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
});

test('0.33.0 reports its additional features over HTTP and on the socket', async () => {
  const simulator = await start({ version: '0.33.0' });
  const features = { supports_preview_metadata: true, node_replacements: true, assets: false };
  expect((await call(simulator, '/features')).body).toMatchObject(features);
  const socket = await listen(simulator, 'a', { supports_preview_metadata: true });
  expect(socket.of('feature_flags')).toEqual([expect.objectContaining(features)]);
});

test('canceling deletes a pending job, interrupts a running job and ignores a finished job', async () => {
  const simulator = await start({ version: '0.33.0' });
  const cancel = async (id: string) => (await call(simulator, `/api/jobs/${id}/cancel`, {})).body.cancelled;
  simulator.hold();
  const running = await submit(simulator, card());
  await simulator.held();
  const waiting = await submit(simulator, card());
  expect(await cancel(waiting)).toBe(true);
  expect((await queue(simulator)).queue_pending).toEqual([]);
  expect(await cancel(running)).toBe(true);
  simulator.release();
  await finished(simulator, running);
  expect((await call(simulator, `/api/jobs/${running}`)).body).toMatchObject({
    status: 'cancelled',
    previewable_outputs_count: 0,
  });
  expect(await cancel(running)).toBe(false);
  expect((await call(await start({ version: '0.8.0' }), `/api/jobs/${running}/cancel`, {})).status).toBe(404);
});

const passing: Graph = {
  ...card({ prefix: 'a' }),
  '4': { class_type: 'PreviewImage', inputs: { images: ['3', 0] } },
};

test('only 0.33.0 passes saved images on', async () => {
  const { outputs } = await run(await start({ version: '0.33.0' }), passing);
  expect(Object.keys(outputs)).toEqual(['3', '4']);
  const { body } = await call(await start({ version: '0.8.0' }), '/prompt', { prompt: passing });
  expect(Object.keys(body.node_errors as object)).toEqual(['4']);
});

/** A card with a resize node. */
const resized = (inputs: Record<string, unknown>): Graph => ({
  ...card({ prefix: 'a' }),
  '9': { class_type: 'ResizeImageMaskNode', inputs: { input: ['1', 0], scale_method: 'area', ...inputs } },
  '10': { class_type: 'PreviewImage', inputs: { images: ['9', 0] } },
});

test.each<[string, Record<string, unknown>, object]>([
  [
    'that a choice requires and that is missing',
    { resize_type: 'scale by multiplier' },
    { type: 'required_input_missing', details: 'multiplier', extra_info: { input_name: 'resize_type.multiplier' } },
  ],
  [
    'of a choice that is out of its bounds',
    { resize_type: 'scale by multiplier', 'resize_type.multiplier': 9 },
    { type: 'value_bigger_than_max', extra_info: { input_name: 'resize_type.multiplier' } },
  ],
  [
    'of a choice that is not in its list',
    { resize_type: 'match size', 'resize_type.match': ['1', 0], 'resize_type.crop': 'left' },
    { type: 'value_not_in_list', extra_info: { input_name: 'resize_type.crop' } },
  ],
])('0.33.0 rejects an input %s', async (_, inputs, error) => {
  const simulator = await start({ version: '0.33.0' });
  const { body } = await call(simulator, '/prompt', { prompt: resized(inputs) });
  expect(body.node_errors).toMatchObject({ '9': { errors: [error] } });
});

test('an autogrow input requires the minimum number of its template', async () => {
  const simulator = await start({ version: '0.33.0' });
  const graph = {
    ...card({ prefix: 'a' }),
    '9': { class_type: 'BatchImagesNode', inputs: { 'images.image1': ['1', 0] } },
    '10': { class_type: 'PreviewImage', inputs: { images: ['9', 0] } },
  };
  const { body } = await call(simulator, '/prompt', { prompt: graph });
  const error = { type: 'required_input_missing', details: 'image0', extra_info: { input_name: 'images.image0' } };
  expect(body.node_errors).toMatchObject({ '9': { errors: [error] } });
});
