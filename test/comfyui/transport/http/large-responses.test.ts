/** Responses that are too large to be in memory as a whole. */
import { ComfyUI } from '../../../../src/comfyui/index.js';
import { type StubServer, startStub } from '../../server.js';

let stub: StubServer;
let comfyui: ComfyUI;
afterEach(async () => {
  await comfyui.close();
  await stub.close();
});

/** Sends `parts` one after the other, as fast as the client reads them. */
const streaming = async (route: string, parts: () => Iterable<string>) => {
  stub = await startStub({
    [route]: async ({ response }) => {
      for (const part of parts())
        if (!response.write(part)) await new Promise((resolve) => response.once('drain', resolve));
      response.end();
    },
  });
  comfyui = new ComfyUI({ url: stub.url });
};

test('a queue of 70 MB is parsed without its graphs', async () => {
  const graph = JSON.stringify({ 1: { class_type: 'LoadImage', inputs: { image: 'x"\\'.repeat(100_000) } } });
  await streaming('GET /queue', function* () {
    yield '{"queue_running": [], "queue_pending": [';
    for (let nth = 0; nth < 70; nth++)
      yield `${nth ? ', ' : ''}[${nth}, "id-${nth}", ${graph}, {"client_id": "me", "extra_pnginfo": ${graph}}, ["1"]]`;
    yield ']}';
  });
  const { queue_pending } = await comfyui.queue();
  expect(queue_pending).toHaveLength(70);
  expect(queue_pending[69]).toEqual([69, 'id-69', {}, { client_id: 'me', extra_pnginfo: null }, []]);
});

test('a catalogue of 75 MB is parsed, and each list of files is stored once', async () => {
  const files = JSON.stringify(Array.from({ length: 2_500 }, (_, nth) => `folder/model-${nth}.safetensors`));
  await streaming('GET /object_info', function* () {
    yield '{';
    for (let nth = 0; nth < 800; nth++)
      yield `${nth ? ', ' : ''}"Loader${nth}": {"input": {"required": {"name": [${files}]}}, "output": []}`;
    yield '}';
  });
  const rules = await comfyui.rules();
  expect(rules.size).toBe(800);
  const lists = new Set([...rules.values()].map((inputs) => inputs.get('name')?.choices));
  expect([...lists].map((list) => list?.size)).toEqual([2_500]);
});
