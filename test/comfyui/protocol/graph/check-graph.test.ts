/** What the preflight finds in a graph, by the catalogues of real ComfyUIs. */
import { checkGraph, type Graph, type ObjectInfo } from '../../../../src/comfyui/index.js';
import { objectInfo, rulesOf } from '../../recordings.js';
import { card } from '../../support.js';

const older = rulesOf(objectInfo('0.3.64'));
const faults = (graph: Record<string, unknown>) =>
  checkGraph(graph, older).map(({ kind, nodeId, input }) => [kind, nodeId, input]);

test('a sound graph has no faults', () => {
  expect(faults(card())).toEqual([]);
});

/** The graph with other inputs for its last node. */
const withInputs = (inputs: Record<string, unknown>): Graph => ({
  ...card(),
  '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'a', ...inputs } },
});

test.each<[string, Record<string, unknown>, unknown[]]>([
  ['an unknown class', { '1': { class_type: 'Nope', inputs: {} } }, ['unknown_class', '1', undefined]],
  ['a class that objects inherit', { '1': { class_type: 'toString', inputs: {} } }, ['unknown_class', '1', undefined]],
  ['a node that is null', { '1': null }, ['malformed_node', '1', undefined]],
  ['a node without inputs', { '1': { class_type: 'EmptyImage' } }, ['malformed_node', '1', undefined]],
  ['an undeclared constant', withInputs({ nonce: 5 }), ['undeclared_input', '3', 'nonce']],
  [
    'an undeclared link to a missing node, which kills the worker',
    withInputs({ extra: ['99', 0] }),
    ['undeclared_input', '3', 'extra'],
  ],
  ['a hidden input', withInputs({ prompt: ['99', 0] }), ['undeclared_input', '3', 'prompt']],
  ['a link to a node that is not there', withInputs({ images: ['99', 0] }), ['missing_node', '3', 'images']],
  ['a link to what objects inherit', withInputs({ images: ['constructor', 0] }), ['missing_node', '3', 'images']],
  ['a link to a slot that is not there', withInputs({ images: ['2', 1] }), ['missing_slot', '3', 'images']],
  ['a link to a negative slot', withInputs({ images: ['2', -1] }), ['missing_slot', '3', 'images']],
  ['a link whose node id is a number', withInputs({ images: [2, 0] }), ['malformed_link', '3', 'images']],
  ['a link of one element', withInputs({ images: ['2'] }), ['malformed_link', '3', 'images']],
  ['a slot that is text', withInputs({ images: ['2', '0'] }), ['malformed_link', '3', 'images']],
])('%s is a fault', (_, graph, fault) => {
  expect(faults(graph)).toEqual([fault]);
});

test('all faults of a graph are reported in sentences that name the node', () => {
  const graph = { ...withInputs({ images: ['99', 0], nonce: 1 }), '7': { class_type: 'Nope', inputs: {} } };
  expect(checkGraph(graph, rulesOf(objectInfo('0.8.0'))).map(({ message }) => message)).toEqual([
    'Node 3 (SaveImage), input images: node 99 does not exist',
    'Node 3 (SaveImage), input nonce: the class does not declare this input',
    'Node 7: unknown class Nope',
  ]);
});

test('an input that grows into several is declared once', () => {
  const growing: ObjectInfo = {
    Batch: {
      name: 'Batch',
      input: { required: { images: ['COMFY_AUTOGROW_V3', {}] } },
      output: ['IMAGE'],
      output_node: true,
    },
    Image: { name: 'Image', input: {}, output: ['IMAGE'], output_node: false },
  };
  const graph = {
    '1': { class_type: 'Batch', inputs: { 'images.image0': ['2', 0], 'other.image0': 1 } },
    '2': { class_type: 'Image', inputs: {} },
  };
  expect(checkGraph(graph, rulesOf(growing)).map(({ kind, input }) => [kind, input])).toEqual([
    ['undeclared_input', 'other.image0'],
  ]);
});

const newest = rulesOf(objectInfo('0.33.0'));
const kinds = (graph: Record<string, unknown>) => checkGraph(graph, newest).map(({ kind, input }) => [kind, input]);

const saving = (images: unknown) => ({ class_type: 'SaveImage', inputs: { images, filename_prefix: 'a' } });

const blended = (inputs: Record<string, unknown>): Graph => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  '2': {
    class_type: 'ImageBlend',
    inputs: { image1: ['1', 0], image2: ['1', 0], blend_factor: 0.5, blend_mode: 'normal', ...inputs },
  },
  '3': saving(['2', 0]),
});

test.each<[string, Record<string, unknown>, unknown[]]>([
  ['a value that no list has', { blend_mode: 'nope' }, ['wrong_value', 'blend_mode']],
  ['null for a choice', { blend_mode: null }, ['wrong_value', 'blend_mode']],
  ['a number beyond its bounds', { blend_factor: 2 }, ['wrong_value', 'blend_factor']],
  ['text for a number', { blend_factor: 'half' }, ['wrong_type', 'blend_factor']],
  ['200,000 digits that are no number', { blend_factor: `${'1'.repeat(200_000)}x` }, ['wrong_type', 'blend_factor']],
  ['null for a number', { blend_factor: null }, ['wrong_type', 'blend_factor']],
  ['a constant in place of a picture', { image1: 'a.png' }, ['wrong_type', 'image1']],
  ['a list in place of one choice', { blend_mode: { __value__: ['normal'] } }, ['wrong_value', 'blend_mode']],
  [
    'a wrapped link, which ComfyUI does not validate',
    { blend_mode: { __value__: ['1', 0] } },
    ['wrong_value', 'blend_mode'],
  ],
  [
    'a wrapped link to a slot that is true',
    { blend_factor: { __value__: ['9', true] } },
    ['wrong_value', 'blend_factor'],
  ],
  ['a list of values without a wrapper', { blend_mode: ['normal'] }, ['malformed_link', 'blend_mode']],
])('%s is a problem', (_, inputs, problem) => {
  expect(kinds(blended(inputs))).toEqual([problem]);
});

test.each<[string, Record<string, unknown>]>([
  ['a number as text', { blend_factor: ' 5e-1 ' }],
  ['true for a number', { blend_factor: true }],
  ['a wrapped value', { blend_mode: { __value__: 'normal' } }],
  ['a value that is not known yet', { blend_mode: undefined }],
])('%s is no problem', (_, inputs) => {
  expect(kinds(blended(inputs))).toEqual([]);
});

test('a choice that takes a list takes one in a wrapper', () => {
  const kinds = ['COMBO', { options: ['a', 'b'], multiselect: true }] as const;
  const any = { Any: { name: 'Any', input: { required: { kinds } }, output: [], output_node: true } };
  const given = (value: unknown) => checkGraph({ '1': { class_type: 'Any', inputs: { kinds: value } } }, rulesOf(any));
  expect(given({ __value__: ['a', 'b'] })).toEqual([]);
  expect(given({ __value__: ['a', 'c'] })).toMatchObject([{ kind: 'wrong_value' }]);
});

test.each([null, false, 7, {}, { __value__: null }, { __value__: ['a.png'] }])(
  '%j is no name of a file: the loader would fail while it is validated',
  (image) => {
    const graph = { '1': { class_type: 'LoadImage', inputs: { image } }, '2': saving(['1', 0]) };
    expect(kinds(graph)).toEqual([['wrong_type', 'image']]);
  },
);

test.each([4_300, 4_301, 200_000])('an integer of %i digits is none for Python beyond 4,300 digits', (digits) => {
  const graph = {
    '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: '9'.repeat(digits) } },
    '2': saving(['1', 0]),
  };
  expect(kinds(graph)).toEqual([[digits > 4_300 ? 'wrong_type' : 'wrong_value', 'color']]);
});

test.each<[string, string | number, boolean]>([
  ['the largest integer', '9223372036854775807', true],
  ['the smallest integer', '-9223372036854775807', true],
  ['one more than the largest integer', '9223372036854775808', false],
  ['a number that rounds up to more than the largest integer', 2 ** 63, false],
  ['a number that rounds down to less than the smallest integer', -(2 ** 63), false],
])('%s (%s) is within bounds that a number cannot hold: %s', (_, value, isAccepted) => {
  const primitive: ObjectInfo = {
    PrimitiveInt: {
      name: 'PrimitiveInt',
      input: { required: { value: ['INT', { min: -(2 ** 63), max: 2 ** 63 }] } },
      output: ['INT'],
      output_node: true,
    },
  };
  const graph = { '1': { class_type: 'PrimitiveInt', inputs: { value } } };
  const range = 'must be from -9223372036854775807 to 9223372036854775807';
  expect(checkGraph(graph, rulesOf(primitive)).map(({ message }) => message)).toEqual(
    isAccepted ? [] : [expect.stringContaining(range)],
  );
});

test('a required input without a default is a problem, and one with a default is none', () => {
  const graph = blended({});
  const without = { ...graph, '2': { class_type: 'ImageBlend', inputs: { image1: ['1', 0] } } };
  expect(kinds(without)).toEqual([['missing_input', 'image2']]);
});

test('an output of another type is a problem', () => {
  const latent = { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } };
  expect(checkGraph({ ...blended({ image1: ['4', 0] }), '4': latent }, newest).map(({ message }) => message)).toEqual([
    'Node 2 (ImageBlend), input image1: needs IMAGE, and output 0 of node 4 is LATENT',
  ]);
});

test('a list accepts a link only from an output with an equal list, and a newer choice from any choice', () => {
  const rules = rulesOf({
    Same: { input: {}, output: [['a', 'b']], output_node: false },
    Other: { input: {}, output: [['a', 'c']], output_node: false },
    Choice: { input: {}, output: ['COMBO'], output_node: false },
    Save: {
      input: { required: { old: [['a', 'b']], choice: ['COMBO', { options: ['a'] }] } },
      output: [],
      output_node: true,
    },
  });
  const linked = (old: string, choice: string) =>
    checkGraph(
      {
        '1': { class_type: old, inputs: {} },
        '2': { class_type: choice, inputs: {} },
        '3': { class_type: 'Save', inputs: { old: ['1', 0], choice: ['2', 0] } },
      },
      rules,
    ).map(({ input }) => input);
  expect(linked('Same', 'Same')).toEqual([]);
  expect(linked('Other', 'Other')).toEqual(['old']);
  expect(linked('Choice', 'Choice')).toEqual(['old']);
});

test('nodes that no output needs may have problems: ComfyUI does not execute them', () => {
  const dangling = { class_type: 'ImageBlend', inputs: { image1: ['nowhere', 0], blend_mode: 'nope' } };
  expect(kinds({ ...blended({}), '9': dangling })).toEqual([]);
});

test('a graph without an output node is a problem', () => {
  const { '1': only } = blended({});
  expect(kinds({ '1': only })).toEqual([['no_output', undefined]]);
  expect(kinds({})).toEqual([['no_output', undefined]]);
  const wrong = { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'none.safetensors' } };
  expect(kinds({ '1': only, '2': wrong })).toEqual([
    ['no_output', undefined],
    ['missing_model', 'ckpt_name'],
  ]);
});

test('a ring of links is a problem that names its nodes', () => {
  const graph = { ...blended({}), '1': { class_type: 'ImageInvert', inputs: { image: ['2', 0] } } };
  expect(checkGraph(graph, newest).map(({ message }) => message)).toEqual(['The links form a ring: 2 → 1']);
});

test('an input that a class of a pack does not declare may be one that it takes all the same', () => {
  const pack = { input: {}, output: [], output_node: true, python_module: 'custom_nodes.pack' };
  const graph = { '1': { class_type: 'Power', inputs: { lora_1: { on: true, lora: 'a.safetensors' } } } };
  expect(checkGraph(graph, rulesOf({ Power: pack }))).toEqual([]);
  const broken = { '1': { class_type: 'Power', inputs: { lora_1: ['9', 0] } } };
  expect(checkGraph(broken, rulesOf({ Power: pack })).map(({ kind }) => kind)).toEqual(['missing_node']);
});

test('sizes that fit no machine are problems, also through a primitive', () => {
  const sized = (inputs: Record<string, unknown>): Graph => ({
    ...blended({}),
    '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0, ...inputs } },
    '9': { class_type: 'PrimitiveInt', inputs: { value: 16_384 } },
  });
  expect(kinds(sized({ width: 16_384, height: 16_384 }))).toEqual([['too_large', undefined]]);
  expect(kinds(sized({ width: ['9', 0], height: ['9', 0] }))).toEqual([['too_large', undefined]]);
  expect(kinds(sized({ width: 2_048, height: 2_048, batch_size: 4_096 }))).toEqual([['too_large', undefined]]);
  expect(kinds(sized({ width: 2_048, height: 2_048, batch_size: 8 }))).toEqual([]);
});

test('a graph with too many nodes is one problem, as is a chain that is too long for ComfyUI’s recursion; it is checked without one', () => {
  const chain = (length: number): Graph => ({
    ...Object.fromEntries(
      Array.from({ length }, (_, nth) => [
        String(nth),
        { class_type: 'ImageInvert', inputs: { image: [nth === 0 ? '1x' : String(nth - 1), 0] } },
      ]),
    ),
    '1x': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
    end: { class_type: 'SaveImage', inputs: { images: [String(length - 1), 0], filename_prefix: 'a' } },
  });
  expect(kinds(chain(498))).toEqual([]);
  expect(kinds(chain(100_000))).toEqual([['too_large', undefined]]);
  expect(checkGraph(chain(20_000), newest, { nodes: 200_000, chain: 20_002, pixels: 1e9, batchPixels: 1e9 })).toEqual(
    [],
  );
  expect(checkGraph(chain(499), newest).map(({ message }) => message)).toEqual([
    'The links form a chain of 501 nodes: the limit is 500',
  ]);
});
