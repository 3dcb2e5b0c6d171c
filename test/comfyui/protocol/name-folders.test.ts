/** Which model folder a list of `/object_info` shows. */
import { everyRule, nameFolders, type Rules } from '../../../src/comfyui/index.js';
import { rulesOf } from '../recordings.js';

const catalogue = (lists: Record<string, unknown[]>): Rules =>
  rulesOf(
    Object.fromEntries(
      Object.entries(lists).map(([path, files]) => {
        const [name = '', input = ''] = path.split('.');
        return [name, { input: { required: { [input]: [files] } }, output: [], output_node: false }];
      }),
    ),
  );

const folderOf = (path: string, files: unknown[], folders: Record<string, string[]> = {}): string | undefined => {
  const rules = catalogue({ [path]: files });
  nameFolders(rules, new Map(Object.entries(folders)));
  return [...rules.values()].flatMap((inputs) => [...everyRule(inputs)])[0]?.folder;
};

test('a list has the folder with its files, also if it shows a part of them or choices that are no files', () => {
  const folders = { sams: ['a.pth', 'b.pth'], loras: ['c.safetensors'] };
  expect(folderOf('Own.any', ['a.pth', 'b.pth'], folders)).toBe('sams');
  expect(folderOf('Own.any', ['None', 'b.pth'], folders)).toBe('sams');
  expect(folderOf('Own.any', ['a.pth', 'z.pth'], folders)).toBe('');
});

test('of equal folders the one that the name of the input means is chosen', () => {
  const folders = { vae_approx: ['a.pth'], vae: ['a.pth'] };
  expect(folderOf('Own.vae_name', ['a.pth', 'pixel_space'], folders)).toBe('vae');
  expect(folderOf('Own.any', ['a.pth'], folders)).toBe('vae_approx');
});

test('an empty list has the folder that the class or the input is known for', () => {
  expect(folderOf('LatentUpscaleModelLoader.model_name', [])).toBe('latent_upscale_models');
  expect(folderOf('CLIPVisionLoader.clip_name', [])).toBe('clip_vision');
  expect(folderOf('Own.ckpt_name', [])).toBe('checkpoints');
  expect(folderOf('Own.any', [])).toBeUndefined();
});

test('names of older and of quantized folders are those of the folder that they stand for', () => {
  expect(folderOf('Own.any', ['a.gguf'], { unet_gguf: ['a.gguf'] })).toBe('diffusion_models');
  expect(folderOf('Own.any', ['a.safetensors'], { clip: ['a.safetensors'] })).toBe('text_encoders');
});

test('a list of other values is no folder', () => {
  expect(folderOf('Own.any', ['1.5', '2.0'])).toBeUndefined();
  expect(folderOf('Own.any', ['a.json', 'b.safetensors'])).toBeUndefined();
  expect(folderOf('Own.any', ['euler', 'heun'], { loras: ['a.pth'] })).toBeUndefined();
});
