/** Values that only one version of ComfyUI accepts under a choice are part of a job's needs. */
import { missingOf, needsOf, routeOf } from '../../src/backends/needs.js';
import { keyOf, offerOf, unmetOf } from '../../src/backends/offer.js';
import { preflight } from '../../src/backends/preflight.js';
import { checkGraph, type Graph } from '../../src/comfyui/index.js';
import { objectInfo, rulesOf } from '../comfyui/recordings.js';

const older = offerOf(rulesOf(objectInfo('0.8.0')));
const newest = offerOf(rulesOf(objectInfo('0.33.0')));

const saving = (inputs: Record<string, unknown>): Graph => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  '2': { class_type: 'CreateVideo', inputs: { images: ['1', 0], fps: 8 } },
  '3': { class_type: 'SaveVideo', inputs: { video: ['2', 0], filename_prefix: 'v', codec: 'auto', ...inputs } },
});

test('values that all backends accept are not part of the needs', () => {
  const needs = needsOf(saving({ format: 'mp4' }), [older, newest]);
  expect(needs.values).toBeUndefined();
  expect([older, newest].map((offer) => missingOf(needs, offer))).toEqual([[], []]);
});

test('a container that only the newest version has is part of the needs', () => {
  const needs = needsOf(saving({ format: 'webm' }), [older, newest]);
  expect(missingOf(needs, newest)).toEqual([]);
  expect(missingOf(needs, older)).toEqual([{ kind: 'VALUE', name: 'SaveVideo.format = webm' }]);
});

test('an input that depends on a choice is needed together with that choice, and so has its own route', () => {
  const [mp4, mkv] = ['mp4', 'mkv'].map((format) =>
    needsOf(saving({ format, 'format.codec': 'h264' }), [older, newest]),
  );
  expect(mp4 && missingOf(mp4, newest)).toEqual([]);
  expect(mp4 && missingOf(mp4, older)).toEqual([{ kind: 'VALUE', name: 'SaveVideo.format.codec' }]);
  expect(mp4 && mkv && routeOf(mp4) !== routeOf(mkv)).toBe(true);
});

test('a value that no version accepts is missing everywhere, under its full name', () => {
  const needs = needsOf(saving({ format: 'mp4', 'format.codec': 'prores' }), [older, newest]);
  expect(missingOf(needs, newest)).toEqual([{ kind: 'VALUE', name: 'SaveVideo.format.codec = prores' }]);
});

test('a node that no output needs does not keep a graph waiting: ComfyUI checks no input of it, and its class is needed all the same', () => {
  const graph = saving({ format: 'mp4' });
  graph['4'] = { class_type: 'SetLatentNoiseMask', inputs: {} };
  graph['5'] = { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'absent.safetensors' } };
  expect(checkGraph(graph, newest.rules ?? new Map())).toEqual([]);
  const needs = needsOf(graph, [newest]);
  expect(missingOf(needs, newest)).toEqual([]);
  expect(needs.classes).toContain('SetLatentNoiseMask');
});

test('a value that a backend rejected does not count in a node that no output needs', () => {
  const value = { classType: 'CLIPTextEncode', input: 'text', value: 'a hill' };
  const refusing = { ...newest, refused: new Set([keyOf(value)]) };
  const graph = saving({ format: 'mp4' });
  graph['4'] = { class_type: 'CLIPTextEncode', inputs: { text: 'a hill' } };
  expect(preflight(graph, [refusing])).toEqual([]);
  expect(unmetOf(graph, refusing)).toEqual([]);
  graph['5'] = { class_type: 'PreviewAny', inputs: { source: ['4', 0] } };
  expect(unmetOf(graph, refusing)).toContainEqual(value);
});
