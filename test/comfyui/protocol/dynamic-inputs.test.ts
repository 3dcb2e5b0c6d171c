/** Dynamic inputs in the catalogue of ComfyUI 0.33.0: choices that add inputs, and growing inputs. */
import { checkGraph, type Graph, meets, unmetBy, withDefaults } from '../../../src/comfyui/index.js';
import { objectInfo, promptIdIn, type Recording, recordings, rulesOf } from '../recordings.js';

const info = objectInfo('0.33.0');
const rules = rulesOf(info);
const classRules = (className: string, of = rules) => of.get(className) ?? new Map();

const unmet = (class_type: string, inputs: Record<string, unknown>) =>
  unmetBy({ class_type, inputs }, classRules(class_type)).map(({ input, value, isAbsent }) => [
    input,
    isAbsent ? 'missing' : value,
  ]);

const video = (inputs: Record<string, unknown>) =>
  unmet('SaveVideo', { video: ['2', 0], filename_prefix: 'v', ...inputs });

const resized = (inputs: Record<string, unknown>) =>
  unmet('ResizeImageMaskNode', { input: ['2', 0], scale_method: 'area', ...inputs });

test('the keys of a choice that adds inputs are its values', () => {
  expect([...(classRules('SaveVideo').get('format')?.choices ?? [])]).toEqual(['auto', 'mp4', 'mkv', 'webm']);
  expect(video({ format: 'auto', 'format.codec': 'auto' })).toEqual([]);
  expect(video({ format: 'gif' })).toEqual([['format', 'gif']]);
});

test('the inputs that a choice adds have their bounds at any depth', () => {
  const mp4 = { format: 'mp4', 'format.codec': 'h264', 'format.codec.encoding': 're-encode' };
  const encoding = { 'format.codec.encoding.crf': 23, 'format.codec.encoding.color_space': 'HDR' };
  expect(video({ ...mp4, ...encoding })).toEqual([]);
  expect(video({ ...mp4, ...encoding, 'format.codec.encoding.crf': 52 })).toEqual([['format.codec.encoding.crf', 52]]);
  // The color space has a default.
  expect(video({ ...mp4, 'format.codec.encoding.crf': '23' })).toEqual([]);
  expect(video({ ...mp4, ...encoding, 'format.codec': 'prores' })[0]).toEqual(['format.codec', 'prores']);
});

test('the same input may have other values under another choice', () => {
  const audio = (format: string, quality: string) =>
    unmet('SaveAudioAdvanced', { audio: ['1', 0], filename_prefix: 'a', format, 'format.quality': quality });
  expect(audio('mp3', 'V0')).toEqual([]);
  expect(audio('opus', 'V0')).toEqual([['format.quality', 'V0']]);
  expect(audio('opus', '64k')).toEqual([]);
  expect(audio('flac', '64k')).toEqual([['format.quality', undefined]]);
});

test('an input that a choice requires has its default, and an input of another choice is not declared', () => {
  const dimensions = { 'resize_type.width': 32, 'resize_type.height': 32, 'resize_type.crop': 'disabled' };
  expect(resized({ resize_type: 'scale dimensions', ...dimensions })).toEqual([]);
  expect(resized({ resize_type: 'scale dimensions', ...dimensions, 'resize_type.multiplier': 2 })).toEqual([
    ['resize_type.multiplier', undefined],
  ]);
  expect(resized({ resize_type: 'scale by multiplier' })).toEqual([]);
  expect(withDefaults({ resize_type: 'scale by multiplier' }, classRules('ResizeImageMaskNode'))).toMatchObject({
    'resize_type.multiplier': 1,
  });
});

test('a growing input has the names of its template, and the first ones are required', () => {
  const batch = (...names: string[]) =>
    unmet('BatchImagesNode', Object.fromEntries(names.map((name) => [name, ['1', 0]])));
  expect(batch('images.image0', 'images.image49')).toEqual([]);
  expect(batch('images.image0', 'images.image50')).toEqual([['images.image50', undefined]]);
  expect(batch('images.image1')).toEqual([['images.image0', 'missing']]);
  // ComfyUI ignores the plain name.
  expect(batch('images', 'images.image0')).toEqual([['images', undefined]]);
  expect(unmet('StringFormat', { f_string: '{a}', 'values.a': 1, 'values.z': 2 })).toEqual([]);
  expect(unmet('StringFormat', { f_string: '{a}', 'values.aa': 1 })).toEqual([['values.aa', undefined]]);
});

test('an input of a matching type adds no others', () => {
  expect(resized({ resize_type: 'match size', 'resize_type.match': ['1', 0], 'resize_type.crop': 'center' })).toEqual(
    [],
  );
  expect(unmet('ComfySwitchNode', { switch: true, on_false: ['1', 0], 'on_false.more': 1 })).toContainEqual([
    'on_false.more',
    undefined,
  ]);
});

test('each of several values of one choice is checked', () => {
  const any = rulesOf({
    Any: { input: { required: { kinds: ['COMBO', { options: ['a', 'b'], multiselect: true }] } } },
  });
  const kinds = (...values: string[]) =>
    unmetBy({ class_type: 'Any', inputs: { kinds: { __value__: values } } }, classRules('Any', any));
  expect(kinds('a', 'b')).toEqual([]);
  expect(kinds('a', 'c', 'd')).toEqual([
    { classType: 'Any', input: 'kinds', value: 'c' },
    { classType: 'Any', input: 'kinds', value: 'd' },
  ]);
});

test('a choice within a union of types limits the values', () => {
  const any = rulesOf({ Any: { input: { required: { kind: ['COMBO,STRING', { options: ['a'] }] } } } });
  expect(unmetBy({ class_type: 'Any', inputs: { kind: 'b' } }, classRules('Any', any))).toHaveLength(1);
  expect(unmetBy({ class_type: 'Any', inputs: { kind: ['1', 0] } }, classRules('Any', any))).toEqual([]);
});

test('an input that only a newer version has is met by that version alone, under the same choice', () => {
  const node = {
    class_type: 'SaveVideo',
    inputs: { video: ['2', 0], filename_prefix: 'v', format: 'mp4', codec: 'auto', 'format.codec': 'av1' },
  };
  const older = classRules('SaveVideo', rulesOf(objectInfo('0.8.0')));
  const requirements = unmetBy(node, older);
  expect(requirements).toEqual([{ classType: 'SaveVideo', input: 'format.codec', given: { format: 'mp4' } }]);
  expect(requirements.every((each) => meets(classRules('SaveVideo'), each))).toBe(true);
  const avi = { classType: 'SaveVideo', input: 'format.codec', given: { format: 'avi' } };
  expect(meets(classRules('SaveVideo'), avi)).toBe(false);
});

const known = recordings.filter(({ name }) => name.startsWith('0.33.0'));
const inputsAtFault = ({ response }: Recording) =>
  Object.values((response.body.node_errors ?? {}) as Record<string, { errors: { extra_info: object }[] }>)
    .flatMap(({ errors }) => errors.map(({ extra_info }) => (extra_info as { input_name?: string }).input_name))
    .filter((input) => input !== undefined);

test.each(known.map((each) => [each.name, each] as const))(
  'the catalogue finds the same faults in the graph of %s as ComfyUI',
  (_, each) => {
    const found = Object.values(each.request.prompt)
      .filter(({ class_type }) => rules.has(class_type))
      .flatMap((node) => unmetBy(node, classRules(node.class_type)));
    expect(found.map(({ input }) => input)).toEqual(inputsAtFault(each));
  },
);

test.each(
  known
    .filter((each) => promptIdIn(each) && inputsAtFault(each).length === 0)
    .map((each) => [each.name, each] as const),
)('a graph that ComfyUI runs has no faults: %s', (_, { request }) => {
  expect(checkGraph(request.prompt, rules)).toEqual([]);
});

test('an input of an unselected choice, and one beyond the last, are faults', () => {
  const graph: Graph = {
    '1': { class_type: 'EmptyImage', inputs: {} },
    '2': {
      class_type: 'BatchImagesNode',
      inputs: { 'images.image0': ['1', 0], 'images.image1': ['1', 0], 'images.image99': ['9', 0] },
    },
    '3': { class_type: 'CreateVideo', inputs: { images: ['2', 0], fps: 8 } },
    '4': { class_type: 'SaveVideo', inputs: { video: ['3', 0], format: 'webm', 'format.nope': ['9', 0] } },
  };
  expect(checkGraph(graph, rules).map(({ kind, input }) => [kind, input])).toEqual([
    ['undeclared_input', 'images.image99'],
    ['undeclared_input', 'format.nope'],
  ]);
});
