/** Classes that save files, with the keys and names of 0.33.0. */
import { writeAnimatedPng, writeAnimatedWebp } from '../../../files/animations.js';
import { writeWebm } from '../../../files/matroska.js';
import { writeGlb, writeLatent } from '../../../files/models.js';
import { toBitmap, toSharp } from '../../../pictures/bitmap.js';
import type { SimulatedNode } from '../../node.js';
import { save, temporaryPrefix } from '../../outputs.js';
import { Images, Latent, Masks, requireType } from '../../values.js';
import { saveFile } from './save-file.js';
import { sounds } from './sounds.js';
import { saveVideo } from './video.js';

const inWebp = { default: 4, fastest: 0, slowest: 6 } as const;

export const savers: Record<string, SimulatedNode['run']> = {
  ...sounds,
  SaveVideo: saveVideo,

  SaveWEBM: async ({ images, filename_prefix, fps }, run) => {
    const { frames, size } = requireType(Images, images);
    const bytes = await writeWebm(frames, Number(fps));
    const items = await saveFile(run, { prefix: filename_prefix, extension: 'webm', bytes, size });
    return { ui: { images: items, animated: [true] }, outputs: [images] };
  },

  SaveAnimatedWEBP: async ({ images, filename_prefix, fps, lossless, quality, method }, run) => {
    const { frames, size } = requireType(Images, images);
    const effort = inWebp[method as keyof typeof inWebp] ?? inWebp.default;
    const options = { lossless: lossless === true, quality: Math.max(1, Number(quality)), effort };
    const bytes = await writeAnimatedWebp(frames, Number(fps), options);
    const items = await saveFile(run, { prefix: filename_prefix, extension: 'webp', bytes, size });
    return { ui: { images: items, animated: [true] }, outputs: [images] };
  },

  SaveAnimatedPNG: async ({ images, filename_prefix, fps, compress_level }, run) => {
    const { frames, size } = requireType(Images, images);
    const bytes = await writeAnimatedPng(frames, Number(fps), Number(compress_level));
    const items = await saveFile(run, { prefix: filename_prefix, extension: 'png', bytes, size });
    return { ui: { images: items, animated: [true] }, outputs: [images] };
  },

  /** Only as PNG. */
  SaveImageAdvanced: async ({ images, filename_prefix, ...inputs }, run) => {
    const { frames, size } = requireType(Images, images);
    const space = inputs['format.bit_depth'] === '16-bit' ? 'rgb16' : 'srgb';
    const files = await Promise.all(frames.map((frame) => toSharp(frame).toColourspace(space).png().toBuffer()));
    const prefix = String(filename_prefix);
    const items = await run.files.save({ type: 'output', prefix, size, extension: 'png', files, isBare: true });
    return { ui: { images: items }, outputs: [images] };
  },

  ImageCompare: async ({ image_a, image_b }, run) => {
    const temporary = async (images: unknown) =>
      images instanceof Images ? await save(images, 'temp', temporaryPrefix(run), run) : [];
    return { ui: { a_images: await temporary(image_a), b_images: await temporary(image_b) } };
  },

  MaskPreview: async ({ mask }, run) => {
    const { frames } = requireType(Masks, mask);
    const images = new Images(await Promise.all(frames.map((frame) => toBitmap(toSharp(frame).toColourspace('srgb')))));
    const items = await save(images, 'temp', temporaryPrefix(run), run);
    return { ui: { images: items, animated: [false] }, outputs: [mask] };
  },

  SaveLatent: async ({ samples, filename_prefix }, run) => {
    const latent = requireType(Latent, samples);
    const bytes = writeLatent(latent, latent.frames.length);
    const items = await saveFile(run, { prefix: filename_prefix, extension: 'latent', bytes, size: latent });
    return { ui: { latents: items }, outputs: [samples] };
  },

  SaveText: async ({ text, filename_prefix, format }, run) => {
    const bytes = Buffer.from(String(text));
    const items = await saveFile(run, { prefix: filename_prefix, extension: String(format), bytes, isBare: true });
    return { ui: { text: [String(text)], files: items }, outputs: [text] };
  },

  SaveGLB: async ({ filename_prefix }, run) => ({
    ui: { '3d': await saveFile(run, { prefix: filename_prefix, extension: 'glb', bytes: writeGlb() }) },
  }),

  Preview3D: ({ model_file }) => ({ ui: { result: [String(model_file), null, null] } }),
};
