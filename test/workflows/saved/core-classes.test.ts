/** The node classes that users may use by default. */
import { builtIn } from '../../../src/workflows/built-in/index.js';
import { CORE_CLASSES } from '../../../src/workflows/graph/core-classes.js';
import { NodePolicy } from '../../../src/workflows/graph/node-policy.js';

test('each class is listed once', () => {
  expect(CORE_CLASSES.filter((name, index) => CORE_CLASSES.indexOf(name) !== index)).toEqual([]);
});

test('none reads the output folder, writes into the folders of models, or executes code', () => {
  const unsafe =
    /^(LoadImageOutput|Load3D|Preview3D|WebcamCapture|\w*(Checkpoint|CLIP|VAE|Model|Lora)Save|GLSL|StringFormat|Regex|Torch)/i;
  expect(CORE_CLASSES.filter((name) => unsafe.test(name))).toEqual([]);
});

test('the built-in workflows use these classes only', () => {
  const classes = builtIn.flatMap(({ build }) => Object.values(build({}, '')).map(({ class_type }) => class_type));
  const policy = new NodePolicy('users', ['core']);
  expect(classes.filter((name) => !policy.isAllowed(name))).toEqual([]);
});

test('a pattern matches whole names, and its other characters stand for themselves', () => {
  const policy = new NodePolicy('users', ['Seed (rgthree)', 'A.*', '*Loader']);
  expect(['Seed (rgthree)', 'A.b', 'MyLoader', 'Loader'].every((name) => policy.isAllowed(name))).toBe(true);
  expect(['Seed rgthree', 'Ab', 'MyLoaderX', 'KSampler', 'core'].some((name) => policy.isAllowed(name))).toBe(false);
});
