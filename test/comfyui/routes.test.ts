import { ComfyUI, PromptRefusedError } from '../../src/comfyui/index.js';
import { type StubResponse, startStub } from './server.js';
import { card, closing, entry, queued } from './support.js';

const keep = closing();
const promptId = '0b4aab1e-2580-4ac1-8bf8-bc18bb269540';

async function asking(responses: Record<string, StubResponse>) {
  const stub = keep(await startStub(responses));
  return { stub, comfyui: keep(new ComfyUI({ url: stub.url, clientIdPrefix: 'test-' })) };
}

test('features are empty if ComfyUI is too old to have the route', async () => {
  const { comfyui } = await asking({});
  expect(await comfyui.features()).toEqual({});
});

test('unknown features are returned unchanged', async () => {
  const features = { supports_preview_metadata: true, max_upload_size: 104857600, assets: true };
  const { comfyui } = await asking({ 'GET /features': () => features });
  expect(await comfyui.features()).toEqual(features);
});

test('system stats are parsed without a device index, and with unknown keys', async () => {
  const device = {
    name: 'cpu',
    type: 'cpu',
    index: null,
    vram_total: 8,
    vram_free: 4,
    torch_vram_total: 8,
    torch_vram_free: 4,
  };
  const system = { os: 'posix', ram_total: 8, ram_free: 4, comfyui_version: '0.3.64', argv: ['main.py'] };
  const { comfyui } = await asking({ 'GET /system_stats': () => ({ system, devices: [device] }) });
  expect(await comfyui.systemStats()).toEqual({ system, devices: [device] });
});

test('a malformed class is skipped, and the others stay', async () => {
  const good = { input: { required: { a: ['INT'] } }, output: ['IMAGE'], output_node: true, name: 'Good', more: 1 };
  const { comfyui } = await asking({
    'GET /object_info': () => ({
      Good: good,
      Bad: null,
      Worse: { input: [] },
      Odd: { input: { required: { a: 'INT', b: [] } }, output: [7] },
    }),
  });
  const info = await comfyui.objectInfo();
  expect(Object.keys(info)).toEqual(['Good', 'Odd']);
  expect(info.Good).toEqual(good);
  expect(info.Odd).toMatchObject({ input: { required: { a: ['INT'], b: ['*'] } }, output: [], output_node: false });
});

test('a prompt that has not ended has no history', async () => {
  const { comfyui } = await asking({});
  expect(await comfyui.history(promptId)).toBeUndefined();
});

test('a history without this prompt is an UnreachableError', async () => {
  const { comfyui } = await asking({ 'GET /history': () => entry('another', ['execution_success', {}]) });
  await expect(comfyui.history(promptId)).rejects.toThrow('returned an unexpected body');
});

test('a history entry with floats that JSON does not have is parsed', async () => {
  const text = JSON.stringify(entry(promptId, ['execution_success', {}], { '3': { scores: [0.123456] } }));
  const { comfyui } = await asking({
    'GET /history': ({ response }) => void response.end(text.replace('0.123456', 'NaN')),
  });
  expect(await comfyui.history(promptId)).toMatchObject({ outputs: { '3': { scores: [null] } } });
});

test('unknown status messages are skipped', async () => {
  const answer = entry(promptId, ['execution_success', {}]);
  answer[promptId]?.status.messages.push(['execution_rated', { prompt_id: promptId, timestamp: 3 }]);
  const { comfyui } = await asking({ 'GET /history': () => answer });
  const types = (await comfyui.history(promptId))?.status.messages.map(([type]) => type);
  expect(types).toEqual(['execution_start', 'execution_cached', 'execution_success']);
});

test('a prompt is submitted with our id and client id, and seeds beyond 2^53 are unchanged', async () => {
  const { stub, comfyui } = await asking({});
  const graph = { '1': { class_type: 'KSampler', inputs: { seed: '18446744073709551615' } } };
  await comfyui.submit({ promptId, graph, extraData: { preview_method: 'latent2rgb' } });
  expect(stub.calls[0]?.json).toEqual({
    prompt: graph,
    prompt_id: promptId,
    client_id: comfyui.clientId,
    extra_data: { preview_method: 'latent2rgb' },
  });
  expect(comfyui.clientId).toMatch(/^test-[0-9a-f-]{36}$/);
});

const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test.each([
  ['invalid_prompt', '0.3.64'],
  ['missing_node_type', 'newer'],
])('an unknown class, which is %s in %s versions, is rejected', async (type) => {
  const error = {
    type,
    message: 'Cannot execute because node X does not exist.',
    details: "Node ID '#7'",
    extra_info: {},
  };
  const answer: StubResponse = ({ response }) =>
    void response.writeHead(400).end(JSON.stringify({ error, node_errors: [] }));
  const { comfyui } = await asking({ 'POST /prompt': answer });
  const refusal = await refusalOf(comfyui.submit({ promptId, graph: card() }));
  expect(refusal).toBeInstanceOf(PromptRefusedError);
  expect(refusal).toMatchObject({ error, nodeErrors: {}, gone: true, message: `ComfyUI rejected the prompt: ${type}` });
});

test('a prompt that is too large is rejected', async () => {
  const answer: StubResponse = ({ response }) =>
    void response.writeHead(413).end('Maximum request body size 104857600 exceeded.');
  const { comfyui } = await asking({ 'POST /prompt': answer });
  expect(await refusalOf(comfyui.submit({ promptId, graph: card() }))).toMatchObject({
    error: { type: 'prompt_too_large' },
  });
});

const nodeErrors = { '9': { errors: [], dependent_outputs: ['9'], class_type: 'SaveImage' } };

test('a partially valid prompt is canceled before its error is thrown', async () => {
  let pending = [queued(promptId), queued('another')];
  const { stub, comfyui } = await asking({
    'POST /prompt': () => ({ prompt_id: promptId, number: 1, node_errors: nodeErrors }),
    'GET /queue': () => ({ queue_running: [], queue_pending: pending }),
    'POST /queue': ({ json, response }) => {
      pending = pending.filter(([, id]) => id !== (json.delete as string[])[0]);
      response.end();
    },
  });
  const refusal = await refusalOf(comfyui.submit({ promptId, graph: card() }));
  expect(refusal).toMatchObject({ name: 'PromptRefusedError', nodeErrors, gone: true });
  expect(refusal).toMatchObject({ message: 'ComfyUI rejected the prompt: prompt_outputs_failed_validation (node 9)' });
  expect(pending).toEqual([queued('another')]);
  expect(stub.count('POST /interrupt')).toBe(0);
});

test('a prompt whose id ComfyUI replaced is canceled, and the error is UnsupportedError', async () => {
  const { stub, comfyui } = await asking({
    'POST /prompt': () => ({ prompt_id: 'its own', number: 1, node_errors: {} }),
  });
  stub.responses['GET /history'] = () => entry('its own', ['execution_interrupted', {}]);
  stub.responses['GET /queue'] = () => {
    const queue_running = stub.count('POST /interrupt') === 0 ? [queued('its own')] : [];
    return { queue_running, queue_pending: [] };
  };
  await expect(comfyui.submit({ promptId, graph: card() })).rejects.toMatchObject({ name: 'UnsupportedError' });
  expect(stub.calls.find(({ route }) => route === 'POST /interrupt')?.json).toEqual({ prompt_id: 'its own' });
});

test('interrupt rejects an empty id', async () => {
  const { stub, comfyui } = await asking({});
  await expect(comfyui.interrupt('')).rejects.toThrow('Cannot interrupt a prompt without an id');
  expect(stub.calls).toEqual([]);
});

test('an upload is a valid multipart form for any filename', async () => {
  const { stub, comfyui } = await asking({
    'POST /upload/image': () => ({ name: 'a (1).png', subfolder: 'k', type: 'input' }),
  });
  const bytes = Buffer.from('\r\n--bytes--\r\n');
  const uploaded = await comfyui.upload({ bytes, filename: 'a"\r\nb é.png', contentType: 'image/png', subfolder: 'k' });
  expect(uploaded).toEqual({ name: 'a (1).png', subfolder: 'k', type: 'input' });
  const form = await new Response(stub.calls[0]?.body, {
    headers: { 'content-type': String(stub.calls[0]?.headers['content-type']) },
  }).formData();
  expect(form.get('type')).toBe('input');
  expect(form.get('subfolder')).toBe('k');
  const image = form.get('image') as File;
  expect(image.type).toBe('image/png');
  expect(decodeURIComponent(image.name)).toBe('a"\r\nb é.png');
  expect(Buffer.from(await image.arrayBuffer())).toEqual(bytes);
});

test('a rejected upload has the status in its error', async () => {
  const { comfyui } = await asking({ 'POST /upload/image': ({ response }) => void response.writeHead(413).end() });
  const upload = comfyui.upload({ bytes: Buffer.alloc(1), filename: 'a.png', contentType: 'image/png' });
  await expect(upload).rejects.toMatchObject({ name: 'RequestRefusedError', status: 413 });
});
