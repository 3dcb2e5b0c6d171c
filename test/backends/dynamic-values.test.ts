/** Values that only one version of ComfyUI accepts under a choice tell backends apart, too. */
import { missingOf, needsOf, offerOf, routeOf } from '../../src/backends/needs.js';
import type { Graph } from '../../src/comfyui/index.js';
import { objectInfo, rulesOf } from '../comfyui/recordings.js';

const older = offerOf(rulesOf(objectInfo('0.8.0')));
const newest = offerOf(rulesOf(objectInfo('0.33.0')));

const saving = (inputs: Record<string, unknown>): Graph => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  '2': { class_type: 'CreateVideo', inputs: { images: ['1', 0], fps: 8 } },
  '3': { class_type: 'SaveVideo', inputs: { video: ['2', 0], filename_prefix: 'v', codec: 'auto', ...inputs } },
});

test('what all backends accept tells none from another', () => {
  const needs = needsOf(saving({ format: 'mp4' }), [older, newest]);
  expect(needs.values).toBeUndefined();
  expect([older, newest].map((offer) => missingOf(needs, offer))).toEqual([[], []]);
});

test('a container that only the newest has is needed of it', () => {
  const needs = needsOf(saving({ format: 'webm' }), [older, newest]);
  expect(missingOf(needs, newest)).toEqual([]);
  expect(missingOf(needs, older)).toEqual(['SaveVideo.format = webm']);
});

test('an input of a choice is needed under that choice, and so has a route of its own', () => {
  const [mp4, mkv] = ['mp4', 'mkv'].map((format) =>
    needsOf(saving({ format, 'format.codec': 'h264' }), [older, newest]),
  );
  expect(mp4 && missingOf(mp4, newest)).toEqual([]);
  expect(mp4 && missingOf(mp4, older)).toEqual(['SaveVideo.format.codec']);
  expect(mp4 && mkv && routeOf(mp4) !== routeOf(mkv)).toBe(true);
});

test('a value that no version has is missing everywhere, by its whole name', () => {
  const needs = needsOf(saving({ format: 'mp4', 'format.codec': 'prores' }), [older, newest]);
  expect(missingOf(needs, newest)).toEqual(['SaveVideo.format.codec = prores']);
});
