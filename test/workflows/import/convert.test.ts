/** Converting workflows of ComfyUI's page to its API format, as the page does it. */
import { BYPASSED, bare, imported, MUTED, node, pair, pairs } from './support.js';

test.each(pairs)('$name becomes the prompt that the page sends', ({ workflow, prompt, problems }) => {
  const draft = imported(workflow);
  expect(draft.format).toBe('UI');
  expect(bare(draft.graph)).toEqual(prompt);
  expect(draft.problems.map(({ code }) => code)).toEqual(problems);
});

test('a prompt is taken as it is', () => {
  const { prompt } = pair('big seed');
  expect(imported(prompt)).toMatchObject({ format: 'API', graph: prompt });
});

test('the prompt wins over the workflow beside it, and a disagreement is a problem', () => {
  const { workflow, prompt } = pair('unicode and quotes');
  expect(imported({ workflow, prompt })).toMatchObject({ format: 'UI', graph: prompt, problems: [] });
  const { 9: _, ...less } = prompt;
  expect(imported({ workflow, prompt: less }).problems.map(({ code }) => code)).toEqual(['DISAGREEMENT']);
});

test('a class that the catalogue lacks is a problem that names its node, and its linked inputs remain', () => {
  const draft = imported({
    nodes: [
      node(1, 'LoadImage', { widgets_values: ['a.png', 'image'] }),
      node(2, 'Mystery', { title: 'Magic', inputs: [{ name: 'image', type: 'IMAGE', link: 1 }], widgets_values: [7] }),
    ],
    links: [[1, 1, 0, 2, 0, 'IMAGE']],
  });
  expect(draft.graph[2]).toMatchObject({ class_type: 'Mystery', inputs: { image: ['1', 0] } });
  const about = { nodeId: '2', nodeType: 'Mystery', nodeTitle: 'Magic' };
  expect(draft.problems).toMatchObject([
    { code: 'UNKNOWN_CLASS', ...about, message: 'Node 2 (Magic): ComfyUI has no class Mystery' },
    { code: 'UNNAMED_VALUES', ...about },
  ]);
});

test('an inactive node whose class is unknown is no problem', () => {
  const nodes = [node(1, 'Mystery', { mode: MUTED }), node(2, 'Mystery', { mode: BYPASSED })];
  expect(imported({ nodes })).toMatchObject({ graph: {}, problems: [] });
});

test('links that lead round in a ring of reroutes are a problem', () => {
  const reroute = (id: number, link: number) => node(id, 'Reroute', { inputs: [{ name: '', type: '*', link }] });
  const decode = node(3, 'VAEDecode', { inputs: [{ name: 'samples', type: 'LATENT', link: 2 }] });
  const links = [
    [1, 2, 0, 1, 0, '*'],
    [2, 1, 0, 2, 0, '*'],
  ];
  const { graph, problems } = imported({ nodes: [reroute(1, 1), reroute(2, 2), decode], links });
  expect(bare(graph)).toEqual({ 3: { class_type: 'VAEDecode', inputs: {} } });
  expect(problems).toMatchObject([{ code: 'CYCLE', nodeId: '3' }]);
});

test('a node that only a browser can carry out is a problem', () => {
  expect(imported({ nodes: [node(4, 'Anything Everywhere')] }).problems).toMatchObject([
    { code: 'NEEDS_BROWSER', nodeId: '4' },
  ]);
});

test('a recording that the browser makes is a problem, and the values after it keep their names', () => {
  const { graph, problems } = imported({ nodes: [node(1, 'Load3D', { widgets_values: ['3d/a.glb', '', 640, 480] })] });
  expect(graph[1]?.inputs).toEqual({ model_file: '3d/a.glb', width: 640, height: 480 });
  expect(problems).toMatchObject([{ code: 'NEEDS_BROWSER', nodeId: '1' }]);
});

test('the rows of a loader of many LoRAs get their names', () => {
  const rows = [{}, { type: 'PowerLoraLoaderHeaderWidget' }, { on: true, lora: 'a.safetensors', strength: 1 }, {}, ''];
  const draft = imported({ nodes: [node(1, 'Power Lora Loader (rgthree)', { widgets_values: rows })] });
  expect(draft.graph[1]?.inputs).toEqual({ lora_1: { on: true, lora: 'a.safetensors', strength: 1 } });
});

test('group nodes of older pages become their inner nodes', () => {
  const samplers = [
    { type: 'KSamplerAdvanced', inputs: [{ name: 'model', type: 'MODEL' }] },
    { type: 'KSampler', inputs: [{ name: 'model', type: 'MODEL' }] },
  ];
  const advanced = ['enable', 1, 'randomize', 20, 8, 'euler', 'normal', 0, 10000, 'disable'];
  const simple = [2, 'fixed', 30, 7, 'heun', 'karras', 1];
  const document = (values: unknown[]) => ({
    nodes: [node(15, 'workflow>two', { widgets_values: values })],
    extra: { groupNodes: { two: { nodes: samplers, links: [] } } },
  });
  expect(imported(document([...advanced, ...simple])).graph).toMatchObject({
    '15:0': { class_type: 'KSamplerAdvanced', inputs: { noise_seed: 1, end_at_step: 10000 } },
    '15:1': { class_type: 'KSampler', inputs: { seed: 2, steps: 30, sampler_name: 'heun', denoise: 1 } },
  });
  const tooFew = imported(document(advanced));
  expect(tooFew.graph).toEqual({});
  expect(tooFew.problems).toMatchObject([{ code: 'UNNAMED_VALUES', nodeId: '15' }]);
});

test('the button of a loader in a group node takes a place among the values', () => {
  const nodes = [
    { type: 'LoadImage', inputs: [], outputs: [{ name: 'IMAGE', type: 'IMAGE' }] },
    { type: 'SaveImage', inputs: [{ name: 'images', type: 'IMAGE' }] },
  ];
  const { graph, problems } = imported({
    nodes: [node(3, 'workflow>copy', { widgets_values: ['a.png', 'image', 'prefix'] })],
    extra: { groupNodes: { copy: { nodes, links: [[0, 0, 1, 0, 0, 'IMAGE']] } } },
  });
  expect(problems).toEqual([]);
  expect(bare(graph)).toEqual({
    '3:0': { class_type: 'LoadImage', inputs: { image: 'a.png' } },
    '3:1': { class_type: 'SaveImage', inputs: { filename_prefix: 'prefix', images: ['3:0', 0] } },
  });
});

test('the model files that the author names keep their address', () => {
  const models = [
    { name: 'a.safetensors', url: 'https://example.com/a.safetensors', directory: 'loras' },
    { name: 'b.safetensors', url: 'javascript:alert(1)' },
  ];
  const nodes = [
    node(1, 'VAELoader', { widgets_values: ['b.safetensors'], properties: { models } }),
    node(2, 'VAELoader', { widgets_values: ['sub/a.safetensors'] }),
  ];
  const { graph } = imported({ nodes });
  const address = { name: 'a.safetensors', url: 'https://example.com/a.safetensors' };
  expect(graph['1']?._meta).toEqual({ title: 'Load VAE' });
  expect(graph['2']?._meta).toEqual({ title: 'Load VAE', models: [address] });
  // Also in the graph that was made of it.
  expect(imported(graph).graph['2']?._meta?.models).toEqual([address]);
});
