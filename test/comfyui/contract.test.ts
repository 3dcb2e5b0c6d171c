/**
 * The contract between client and server: the same tests pass with a real ComfyUI (`COMFYUI_URL=http://… npm test -- contract`) and with
 * the simulator. They use only classes without models, and a new prefix for each file.
 */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp, { type Sharp } from 'sharp';
import {
  ComfyUI,
  checkGraph,
  type FileItem,
  filesOf,
  type Graph,
  type NodeOutput,
  PromptRefusedError,
} from '../../src/comfyui/index.js';
import { until } from '../support/until.js';
import { card, closing, connected, type Started, start } from './support.js';
import { startTarget, type Target } from './target.js';

/** A real ComfyUI needs time, and prompts of other clients may be ahead. */
const PATIENCE_MS = 120_000;
jest.setTimeout(PATIENCE_MS);

const keep = closing();
let target: Target;

beforeAll(async () => {
  target = await startTarget();
});

afterEach(() => target.release());

afterAll(() => target.close());

const client = () => connected(keep, target.url, { clientIdPrefix: 'contract-', timings: target.timings });

const unique = () => `contract-${randomUUID()}`;

const signal = () => AbortSignal.timeout(PATIENCE_MS);

const error = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

/** A graph that keeps a ComfyUI on a CPU busy for some seconds, and can be interrupted between its nodes. */
function slow(nodes: number): Graph {
  const graph: Graph = {
    '0': {
      class_type: 'EmptyImage',
      inputs: { width: 1024, height: 1024, batch_size: 1, color: Math.trunc(Math.random() * 0xffffff) },
    },
  };
  for (let id = 1; id <= nodes; id++) {
    graph[id] = { class_type: 'ImageBlur', inputs: { image: [`${id - 1}`, 0], blur_radius: 15, sigma: 5 } };
  }
  graph.end = { class_type: 'PreviewImage', inputs: { images: [`${nodes}`, 0] } };
  return graph;
}

async function bytesOf(comfyui: ComfyUI, file: FileItem): Promise<Buffer> {
  const { body } = await comfyui.view(file, signal());
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** ComfyUI truncates floats: a value may be one less. */
async function expectColor(picture: Sharp, color: number[]): Promise<void> {
  const { channels } = await picture.stats();
  const off = color.map((value, index) => value - Number(channels[index]?.mean));
  expect(off.every((difference) => difference >= 0 && difference <= 1)).toBe(true);
}

const filesIn = (outputs: Record<string, NodeOutput>): FileItem[] => Object.values(outputs).flatMap(filesOf);

const fractionsOf = ({ events }: Started) =>
  events.flatMap((event) => (event.type === 'progress' ? [event.progress.fraction] : []));

async function isRunning(comfyui: ComfyUI, promptId: string): Promise<boolean> {
  return (await comfyui.queue()).queue_running.some(([, id]) => id === promptId);
}

test('system stats have a version and devices', async () => {
  const { system, devices } = await (await client()).systemStats(signal());
  expect(system.comfyui_version).toMatch(/^\d+\.\d+/);
  expect(system.ram_total).toBeGreaterThan(0);
  expect(devices.length).toBeGreaterThan(0);
});

test('ComfyUI can send previews with metadata', async () => {
  expect(await (await client()).features(signal())).toMatchObject({ supports_preview_metadata: true });
});

test('the catalogue describes the classes that these tests use, with choices in both forms', async () => {
  const info = await (await client()).objectInfo(signal());
  const rules = await (await client()).rules(undefined, signal());
  expect(checkGraph({ ...card(), ...slow(1) }, rules)).toEqual([]);
  expect([...rules.keys()]).toEqual(Object.keys(info));
  expect(rules.get('ImageScale')?.get('upscale_method')?.choices).toContain('bilinear');
  expect(rules.get('ImageBlend')?.get('blend_mode')?.choices).toContain('multiply');
});

test('a prompt runs to success, and its picture can be viewed', async () => {
  const comfyui = await client();
  const prefix = unique();
  const run = start(comfyui, card(prefix));
  const end = await run.end;
  expect(end.outcome).toBe('success');
  expect(run.types[0]).toBe('submitted');
  expect(run.types.filter((type) => type === 'running' || type === 'end')).toEqual(['running', 'end']);
  expect(fractionsOf(run)).toEqual(fractionsOf(run).toSorted((a, b) => a - b));
  expect(fractionsOf(run).every((fraction) => fraction < 1)).toBe(true);

  const [file] = filesIn(end.outputs);
  expect(file).toEqual({ filename: `${prefix}_00001_.png`, subfolder: '', type: 'output' });
  expect(run.events).toContainEqual({ type: 'executed', nodeId: '3', output: end.outputs['3'] });
  const { contentType } = await comfyui.view(file as FileItem, signal());
  expect(contentType).toBe('image/png');
  const picture = sharp(await bytesOf(comfyui, file as FileItem));
  expect(await picture.metadata()).toMatchObject({ format: 'png', width: 64, height: 64 });
  await expectColor(picture, [0xcc, 0x99, 0x33]);
});

test('a prefix with folders gives a subfolder', async () => {
  const comfyui = await client();
  const folder = unique();
  const { outputs } = await start(comfyui, card(`${folder}/attempt/picture`)).end;
  const [file] = filesIn(outputs);
  expect(file).toEqual({ filename: 'picture_00001_.png', subfolder: `${folder}/attempt`, type: 'output' });
  expect((await bytesOf(comfyui, file as FileItem)).length).toBeGreaterThan(0);
});

test('a batch of two gives two pictures of the scaled size', async () => {
  const comfyui = await client();
  const graph = card(unique());
  graph['1'] = { class_type: 'EmptyImage', inputs: { width: 64, height: 32, batch_size: 2, color: 0 } };
  graph['2'] = {
    class_type: 'ImageScale',
    inputs: { image: ['1', 0], upscale_method: 'bilinear', width: 48, height: 24, crop: 'disabled' },
  };
  const { outputs } = await start(comfyui, graph).end;
  expect(filesIn(outputs)).toHaveLength(2);
  for (const file of filesIn(outputs)) {
    expect(await sharp(await bytesOf(comfyui, file)).metadata()).toMatchObject({ width: 48, height: 24 });
  }
});

test('the identical graph succeeds again, and returns the same file if nothing ran', async () => {
  const comfyui = await client();
  const graph = card(unique());
  const first = await start(comfyui, graph).end;
  const again = start(comfyui, graph);
  const second = await again.end;
  expect(second.outcome).toBe('success');
  expect(again.types.filter((type) => type === 'running' || type === 'end')).toEqual(['running', 'end']);
  const messages = (await comfyui.history(again.promptId))?.status.messages ?? [];
  const cached = messages.flatMap(([type, data]) => (type === 'execution_cached' ? data.nodes : []));
  // A prompt of another client in between may evict ours from the cache.
  if (cached.length === 3) expect(second.outputs).toEqual(first.outputs);
  expect(filesIn(second.outputs)).toHaveLength(1);
});

test('a temporary picture can be viewed', async () => {
  const comfyui = await client();
  const graph = { ...card(), '3': { class_type: 'PreviewImage', inputs: { images: ['2', 0] } } };
  const [file] = filesIn((await start(comfyui, graph).end).outputs);
  expect(file?.type).toBe('temp');
  expect((await sharp(await bytesOf(comfyui, file as FileItem)).metadata()).format).toBe('png');
});

test('text outputs are reported, and are not files', async () => {
  const graph: Graph = {
    '1': { class_type: 'EmptyImage', inputs: { width: 40, height: 30, batch_size: 1, color: 7 } },
    '2': { class_type: 'GetImageSize', inputs: { image: ['1', 0] } },
    '3': { class_type: 'PreviewAny', inputs: { source: ['2', 0] } },
  };
  const { outputs } = await start(await client(), graph).end;
  expect(outputs['3']).toEqual({ text: ['40'] });
  expect(filesIn(outputs)).toEqual([]);
});

const noisy = (seed: unknown): Graph => ({
  ...card(unique()),
  '2': { class_type: 'ImageAddNoise', inputs: { image: ['1', 0], seed, strength: 0.5 } },
});

test('the largest seed is accepted as a decimal string, and rejected as a double', async () => {
  const comfyui = await client();
  expect((await start(comfyui, noisy('18446744073709551615')).end).outcome).toBe('success');
  expect(await error(start(comfyui, noisy(18446744073709552000)).end)).toMatchObject({
    nodeErrors: { '2': { errors: [{ type: 'value_bigger_than_max' }] } },
  });
});

test('an invalid graph is rejected, and the error names the node', async () => {
  const graph = card(unique());
  graph['2'] = {
    class_type: 'ImageScale',
    inputs: { image: ['1', 0], upscale_method: 'bogus', width: 8, height: 8, crop: 'disabled' },
  };
  const run = start(await client(), graph);
  const refusal = await error(run.end);
  expect(refusal).toBeInstanceOf(PromptRefusedError);
  expect(refusal).toMatchObject({
    error: { type: 'prompt_outputs_failed_validation' },
    nodeErrors: {
      '2': { class_type: 'ImageScale', errors: [{ type: 'value_not_in_list' }], dependent_outputs: ['3'] },
    },
    gone: true,
  });
  expect(run.types).toEqual([]);
});

test('an unknown class is rejected', async () => {
  const graph = { ...card(), '4': { class_type: 'NoSuchClass', inputs: {} } };
  const refusal = await error(start(await client(), graph).end);
  expect(refusal).toBeInstanceOf(PromptRefusedError);
  expect(['invalid_prompt', 'missing_node_type']).toContain((refusal as PromptRefusedError).error.type);
});

test('a graph without outputs is rejected', async () => {
  const { '3': _, ...graph } = card();
  expect(await error(start(await client(), graph).end)).toMatchObject({ error: { type: 'prompt_no_outputs' } });
});

test('a partially valid graph is rejected, and canceled', async () => {
  const comfyui = await client();
  const graph = {
    ...card(unique()),
    '9': { class_type: 'SaveImage', inputs: { images: ['99', 0], filename_prefix: unique() } },
  };
  const run = start(comfyui, graph);
  const refusal = await error(run.end);
  expect(refusal).toBeInstanceOf(PromptRefusedError);
  expect(refusal).toMatchObject({ nodeErrors: { '9': { class_type: 'SaveImage' } }, gone: true });
  const { queue_running, queue_pending } = await comfyui.queue();
  expect([...queue_running, ...queue_pending].filter(([, id]) => id === run.promptId)).toEqual([]);
});

test('a node that fails at run time ends the prompt as an error that names it', async () => {
  const comfyui = await client();
  const graph: Graph = {
    '1': { class_type: 'EmptyImage', inputs: { width: 16, height: 16, batch_size: 1, color: 1 } },
    '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 31, sigma: 1 } },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: unique() } },
  };
  const run = start(comfyui, graph);
  const end = await run.end;
  expect(end).toMatchObject({
    outcome: 'error',
    outputs: {},
    error: { prompt_id: run.promptId, node_id: '2', node_type: 'ImageBlur', exception_type: 'RuntimeError' },
  });
  expect(run.types.at(-1)).toBe('end');
});

test('a running prompt is canceled, and its run ends as interrupted', async () => {
  const comfyui = await client();
  target.hold();
  const run = start(comfyui, slow(60));
  await until(() => run.types.includes('running'), 'the prompt runs');
  const canceled = comfyui.cancel(run.promptId, signal());
  target.release();
  expect(await canceled).toBe('ended');
  expect((await run.end).outcome).toBe('interrupted');
});

test('a pending prompt is canceled without a trace', async () => {
  const comfyui = await client();
  target.hold();
  const blocker = start(comfyui, slow(60));
  await until(() => blocker.types.includes('running'), 'the queue is busy');
  const waiting = start(comfyui, card(unique()));
  await until(() => waiting.types.includes('submitted'), 'the prompt is queued');
  expect(await comfyui.cancel(waiting.promptId, signal())).toBe('gone');
  expect(await comfyui.history(waiting.promptId)).toBeUndefined();
  expect(await isRunning(comfyui, blocker.promptId)).toBe(true);
  expect(await error(waiting.end)).toMatchObject({ name: 'PromptLostError', promptId: waiting.promptId });

  const canceled = comfyui.cancel(blocker.promptId, signal());
  target.release();
  await canceled;
});

test('canceling an unknown prompt returns gone', async () => {
  expect(await (await client()).cancel(randomUUID(), signal())).toBe('gone');
});

test('deleting and interrupting unknown prompts changes nothing', async () => {
  const comfyui = await client();
  const run = start(comfyui, card(unique()));
  await comfyui.dequeue(randomUUID());
  await comfyui.interrupt(randomUUID());
  expect((await run.end).outcome).toBe('success');
});

test('a running prompt of another client is adopted and followed to its end', async () => {
  const sender = await client();
  const promptId = randomUUID();
  target.hold();
  await sender.submit({ promptId, graph: slow(8) }, signal());
  await until(() => isRunning(sender, promptId), 'the prompt runs');
  await sender.close();
  const run = start(await client(), slow(8), { promptId, fresh: false });
  await until(() => run.types.includes('adopted'), 'the prompt is adopted');
  target.release();
  const end = await run.end;
  expect(end.outcome).toBe('success');
  expect(filesIn(end.outputs)).toHaveLength(1);
  expect(run.events[0]).toEqual({ type: 'adopted', running: true });
  expect(run.types.filter((type) => type === 'submitted')).toEqual([]);
});

test('a prompt that has ended is adopted with its outputs', async () => {
  const sender = await client();
  const graph = card(unique());
  const first = start(sender, graph);
  const { outputs } = await first.end;
  const run = start(await client(), graph, { promptId: first.promptId, fresh: false });
  expect(await run.end).toEqual({ type: 'end', outcome: 'success', outputs, executedMs: expect.any(Number) });
  expect(run.types).toEqual(['adopted', 'running', 'end']);
});

test('two prompts at once each end with their own outputs', async () => {
  const comfyui = await client();
  const prefixes = [unique(), unique()];
  const ends = await Promise.all(prefixes.map((prefix) => start(comfyui, card(prefix)).end));
  expect(ends.map(({ outputs }) => filesIn(outputs).map(({ filename }) => filename))).toEqual(
    prefixes.map((prefix) => [`${prefix}_00001_.png`]),
  );
});

/** A proxy that cuts some responses. It does not forward sockets. */
async function cutting(isCut: (request: http.IncomingMessage) => boolean) {
  const upstream = new URL(target.url);
  const passed: string[] = [];
  const server = http.createServer((request, response) => {
    const { method, headers, url: path } = request;
    passed.push(`${method} ${path}`);
    const forward = http.request({ host: upstream.hostname, port: upstream.port, method, path, headers }, (answer) => {
      answer.on('error', () => response.destroy());
      if (isCut(request)) response.destroy();
      else answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
    });
    request.pipe(forward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return keep({ url: `http://127.0.0.1:${port}`, passed, close });
}

test('a prompt whose response was lost runs once', async () => {
  const proxy = await cutting(({ method, url }) => method === 'POST' && url === '/prompt');
  const comfyui = keep(new ComfyUI({ url: proxy.url, timings: target.timings }));
  const prefix = unique();
  const run = start(comfyui, card(prefix));
  const end = await run.end;
  expect(end.outcome).toBe('success');
  expect(run.types).toEqual(['unreachable', 'reachable', 'submitted', 'running', 'end']);
  expect(proxy.passed.filter((request) => request === 'POST /prompt')).toHaveLength(1);
  const [file] = filesIn(end.outputs);
  const second = { ...(file as FileItem), filename: `${prefix}_00002_.png` };
  expect(await error(comfyui.view(second))).toMatchObject({ name: 'RequestRefusedError', status: 404 });
});

test('an uploaded picture can be loaded under the returned name', async () => {
  const comfyui = await client();
  const bytes = await sharp({ create: { width: 24, height: 16, channels: 3, background: '#204060' } })
    .png()
    .toBuffer();
  const filename = `${unique()}.png`;
  const uploaded = await comfyui.upload({ bytes, filename, contentType: 'image/png' }, signal());
  expect(uploaded).toMatchObject({ name: filename, subfolder: '', type: 'input' });
  const other = await comfyui.upload({ bytes: Buffer.concat([bytes, bytes]), filename, contentType: 'image/png' });
  expect(other.name).toBe(filename.replace('.png', ' (1).png'));

  const graph = { ...card(unique()), '1': { class_type: 'LoadImage', inputs: { image: uploaded.name } } };
  const [file] = filesIn((await start(comfyui, graph).end).outputs);
  const picture = sharp(await bytesOf(comfyui, file as FileItem));
  expect(await picture.metadata()).toMatchObject({ width: 24, height: 16 });
  await expectColor(picture, [0xdf, 0xbf, 0x9f]);
});

test('a picture that was uploaded into a folder is loaded from there', async () => {
  const comfyui = await client();
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  const subfolder = unique();
  const { name, subfolder: given } = await comfyui.upload({
    bytes,
    filename: 'a.png',
    contentType: 'image/png',
    subfolder,
  });
  expect([name, given]).toEqual(['a.png', subfolder]);
  const graph = { ...card(unique()), '1': { class_type: 'LoadImage', inputs: { image: `${subfolder}/a.png` } } };
  expect((await start(comfyui, graph).end).outcome).toBe('success');
});

test('a picture that does not exist is a RequestRefusedError', async () => {
  const view = (await client()).view({ filename: `${unique()}.png`, subfolder: '', type: 'output' }, signal());
  expect(await error(view)).toMatchObject({ name: 'RequestRefusedError', status: 404 });
});

test.each(['../secret.png', '/etc/passwd', 'a\0b.png'])(
  'a name that leaves its folder (%j) is rejected or not found',
  async (filename) => {
    const view = (await client()).view({ filename, subfolder: '', type: 'output' }, signal());
    expect(await error(view)).toMatchObject({ name: expect.stringMatching(/^(RequestRefused|Unreachable)Error$/) });
  },
);

test('memory can be freed', async () => {
  await (await client()).free({ unload_models: true, free_memory: true }, signal());
});
