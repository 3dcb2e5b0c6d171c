import type { Graph, NodeErrors, PromptRefused } from '../../../src/comfyui/protocol/protocol.js';
import type { Version } from '../../../src/simulator/version.js';
import { until } from '../../support/until.js';
import { call, card, closeAfterEach, queue, run, start, textToImage } from '../support.js';

closeAfterEach();

/** A card with changed inputs, by node id. */
function changed(inputs: Record<string, Record<string, unknown>>): Graph {
  const graph = card();
  for (const [id, values] of Object.entries(inputs)) Object.assign(graph[id]?.inputs ?? {}, values);
  return graph;
}

async function refusal(prompt: unknown, version: Version = '0.3.64'): Promise<PromptRefused> {
  const simulator = await start({ version, checkpoints: ['a.safetensors'] });
  const { status, body } = await call(simulator, '/prompt', { prompt });
  expect(status).toBe(400);
  return body as PromptRefused;
}

const firstError = (errors: NodeErrors, id: string) => errors[id]?.errors[0];

test.each([
  [{ '1': { width: 0 } }, '1', 'value_smaller_than_min', 'Value 0 smaller than min of 1', 'width'],
  [{ '1': { width: 20000 } }, '1', 'value_bigger_than_max', 'Value 20000 bigger than max of 16384', 'width'],
  [
    { '1': { width: 'abc' } },
    '1',
    'invalid_input_type',
    'Failed to convert an input value to a INT value',
    "width, abc, invalid literal for int() with base 10: 'abc'",
  ],
  [
    { '3': { images: ['1', 0, 0] } },
    '3',
    'bad_linked_input',
    'Bad linked input, must be a length-2 list of [node_id, slot_index]',
    'images',
  ],
  [{ '3': { images: ['99', 0] } }, '3', 'exception_during_validation', 'Exception when validating node', "'99'"],
  [{ '3': { images: [1, 0] } }, '3', 'exception_during_validation', 'Exception when validating node', '1'],
  [
    { '3': { images: ['1', 1] } },
    '3',
    'exception_during_validation',
    'Exception when validating node',
    'tuple index out of range',
  ],
])('the input %j of node %s is rejected with %s', async (inputs, id, type, message, details) => {
  const { error, node_errors } = await refusal(changed(inputs));
  expect(error.type).toBe('prompt_outputs_failed_validation');
  expect(firstError(node_errors, id)).toMatchObject({ type, message, details });
  expect(node_errors[id]?.dependent_outputs).toEqual(['3']);
});

test('a missing input is reported by name; the details list only errors of root nodes', async () => {
  const graph = card();
  delete graph['1']?.inputs.color;
  const { error, node_errors } = await refusal(graph);
  expect(error.details).toBe('');
  expect(firstError(node_errors, '1')).toEqual({
    type: 'required_input_missing',
    message: 'Required input is missing',
    details: 'color',
    extra_info: { input_name: 'color' },
  });

  const noPrefix = card();
  delete noPrefix['3']?.inputs.filename_prefix;
  expect((await refusal(noPrefix)).error.details).toBe('Required input is missing: filename_prefix');
});

test('a link of the wrong type is rejected with both types', async () => {
  const graph: Graph = { ...card(), '2': { class_type: 'GetImageSize', inputs: { image: ['1', 0] } } };
  Object.assign(graph['3']?.inputs ?? {}, { images: ['2', 0] });
  expect(firstError((await refusal(graph)).node_errors, '3')).toMatchObject({
    type: 'return_type_mismatch',
    details: 'images, received_type(INT) mismatch input_type(IMAGE)',
    extra_info: { received_type: 'INT', linked_node: ['2', 0], input_config: ['IMAGE', expect.any(Object)] },
  });
});

test('an error of an upstream node is reported at that node', async () => {
  const graph: Graph = { ...card(), '2': { class_type: 'ImageInvert', inputs: { image: ['99', 0] } } };
  Object.assign(graph['3']?.inputs ?? {}, { images: ['2', 0] });
  const { node_errors } = await refusal(graph);
  expect(Object.keys(node_errors)).toEqual(['2']);
  expect(firstError(node_errors, '2')).toMatchObject({
    type: 'exception_during_inner_validation',
    details: "'99'",
    extra_info: { exception_type: 'KeyError', linked_node: ['2', 0] },
  });
});

test('an unknown choice is rejected, and the error omits a long list', async () => {
  const graph = textToImage({ checkpoint: 'b.safetensors' });
  Object.assign(graph['3']?.inputs ?? {}, { sampler_name: 'bogus' });
  const { node_errors } = await refusal(graph);
  expect(firstError(node_errors, '4')).toMatchObject({
    type: 'value_not_in_list',
    details: "ckpt_name: 'b.safetensors' not in ['a.safetensors']",
  });
  expect(firstError(node_errors, '3')).toMatchObject({
    details: "sampler_name: 'bogus' not in (list of length 42)",
    extra_info: { input_name: 'sampler_name', input_config: null, received_value: 'bogus' },
  });
});

test('only newer versions validate a choice in the newer form', async () => {
  const blend: Graph = {
    ...card(),
    '2': {
      class_type: 'ImageBlend',
      inputs: { image1: ['1', 0], image2: ['1', 0], blend_factor: 0.5, blend_mode: 'bogus' },
    },
  };
  Object.assign(blend['3']?.inputs ?? {}, { images: ['2', 0] });
  expect(firstError((await refusal(blend, '0.8.0')).node_errors, '2')?.type).toBe('value_not_in_list');
  const { status } = await run(await start(), blend);
  expect(status.messages.at(-1)).toMatchObject([
    'execution_error',
    { node_id: '2', exception_type: 'ValueError', exception_message: 'Unsupported blend mode: bogus\n' },
  ]);
});

test('LoadImage rejects a missing image by custom validation', async () => {
  const graph: Graph = {
    '1': { class_type: 'LoadImage', inputs: { image: 'nope.png' } },
    '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
  };
  expect(firstError((await refusal(graph)).node_errors, '1')).toEqual({
    type: 'custom_validation_failed',
    message: 'Custom validation failed for node',
    details: 'image - Invalid image file: nope.png',
    extra_info: { input_name: 'image' },
  });
});

test('a cycle is rejected without an error in 0.3.64 and with its path in newer versions', async () => {
  const cycle: Graph = {
    '1': { class_type: 'ImageInvert', inputs: { image: ['2', 0] } },
    '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
    '3': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
  };
  expect(await refusal(cycle)).toMatchObject({ error: { details: '' }, node_errors: {} });
  const { node_errors } = await refusal(cycle, '0.33.0');
  expect(JSON.stringify(node_errors)).toContain('1 (ImageInvert) -> 2 (ImageInvert) -> 1 (ImageInvert)');
});

test('inputs are converted before they are queued', async () => {
  const graph = card({ prefix: 'converted' });
  Object.assign(graph['1']?.inputs ?? {}, { width: '42', height: 33.7, batch_size: true, color: { __value__: 5 } });
  const { prompt } = await run(await start(), graph);
  expect(prompt[2]['1']?.inputs).toEqual({ width: 42, height: 33, batch_size: 1, color: 5 });
});

test('a 64-bit seed is accepted as text and kept exactly; a larger one is rejected', async () => {
  const simulator = await start({ checkpoints: ['a.safetensors'] });
  const graph = textToImage({ checkpoint: 'a.safetensors', seed: '18446744073709551615' });
  const accepted = await call(simulator, '/prompt', { prompt: graph });
  const { text } = await call(simulator, '/queue');
  const { text: after } = await call(simulator, `/history/${accepted.body.prompt_id}`);
  expect(text + after).toContain('"seed": 18446744073709551615');
  const refused = await call(
    simulator,
    '/prompt',
    JSON.stringify({ prompt: textToImage({ checkpoint: 'a.safetensors', seed: 1 }) }).replace(
      '"seed":1',
      '"seed":18446744073709552000',
    ),
  );
  expect(JSON.stringify(refused.body)).toContain('bigger than max of 18446744073709551615');
});

describe('whole graphs', () => {
  const unknown: Graph = { '7': { class_type: 'Nothing', inputs: {} } };

  test('an unknown class is rejected, even of an unused node', async () => {
    expect((await refusal({ ...card(), ...unknown })).error).toEqual({
      type: 'invalid_prompt',
      message: 'Cannot execute because node Nothing does not exist.',
      details: "Node ID '#7'",
      extra_info: {},
    });
    expect((await refusal(unknown, '0.33.0')).error).toMatchObject({
      type: 'missing_node_type',
      extra_info: { node_id: '7', class_type: 'Nothing', node_title: 'Nothing' },
    });
  });

  test.each([{}, [], { '1': card()['1'] }])('a graph without an output node is rejected: %j', async (prompt) => {
    expect(await refusal(prompt)).toMatchObject({ error: { type: 'prompt_no_outputs' }, node_errors: {} });
  });

  test('targets that are no output nodes are rejected', async () => {
    const simulator = await start();
    const { body } = await call(simulator, '/prompt', { prompt: card(), partial_execution_targets: ['1'] });
    expect(body).toMatchObject({ error: { type: 'prompt_no_outputs' } });
  });

  test('a body without a prompt is a 400, and an invalid body a 500 in plain text', async () => {
    const simulator = await start();
    for (const body of ['{}', '[]']) {
      expect(await call(simulator, '/prompt', body)).toMatchObject({
        status: 400,
        body: { error: { type: 'no_prompt' } },
      });
    }
    const broken = { status: 500, text: '500 Internal Server Error\n\nServer got itself in trouble' };
    for (const body of ['', '{"', 'null', '{"prompt":null}', '{"prompt":{"1":null}}', '{"number":"x","prompt":{}}']) {
      expect(await call(simulator, '/prompt', body)).toMatchObject(broken);
    }
  });

  test('0.3.64 accepts any id as text; newer versions reject ids that are no lowercase UUIDs', async () => {
    const old = await start();
    expect((await call(old, '/prompt', { prompt: card(), prompt_id: null })).body.prompt_id).toBe('None');
    expect((await call(old, '/prompt', { prompt: card(), prompt_id: 5 })).body.prompt_id).toBe('5');
    const newer = await start({ version: '0.33.0' });
    const { status, body } = await call(newer, '/prompt', { prompt: card(), prompt_id: 'A-1' });
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { type: 'invalid_prompt_id' } } });
    expect((await queue(newer)).queue_pending).toEqual([]);
  });
});

describe('prompts that end ComfyUI', () => {
  async function startMortal() {
    const warnings: string[] = [];
    const warn = (_fields: object, message: string) => void warnings.push(message);
    const simulator = await start({ logger: { debug() {}, info() {}, warn, error() {} } });
    return {
      simulator,
      died: () => until(() => warnings.join().includes('the worker thread died'), 'the worker to die'),
    };
  }

  test('an undeclared link to a missing node is accepted and ends the worker', async () => {
    const { simulator, died } = await startMortal();
    const deadly = changed({ '3': { extra: ['99', 0] } });
    const first = await call(simulator, '/prompt', { prompt: deadly });
    await call(simulator, '/prompt', { prompt: card() });
    expect(first.status).toBe(200);
    await died();
    const { queue_running, queue_pending } = await queue(simulator);
    expect(queue_running.map((item) => item[1])).toEqual([first.body.prompt_id]);
    expect(queue_pending).toHaveLength(1);
  });

  test('null as extra data ends the worker of 0.3.64 and is a 500 in newer versions', async () => {
    const { simulator, died } = await startMortal();
    const { body } = await call(simulator, '/prompt', { prompt: card(), extra_data: null });
    await died();
    expect((await queue(simulator)).queue_running[0]?.[1]).toBe(body.prompt_id);
    const newer = await start({ version: '0.8.0' });
    expect((await call(newer, '/prompt', { prompt: card(), extra_data: null })).status).toBe(500);
  });

  test('a client id that is a list ends the process', async () => {
    const simulator = await start();
    await call(simulator, '/prompt', { prompt: card(), client_id: ['a'] });
    await expect(
      (async () => {
        for (;;) await call(simulator, '/queue');
      })(),
    ).rejects.toThrow('fetch failed');
  });
});
