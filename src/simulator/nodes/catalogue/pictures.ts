/** Pictures and masks: scaling, batches, edges. */
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { type Bitmap, toBitmap, toSharp } from '../../pictures/bitmap.js';
import { kernel } from '../image/images.js';
import type { NodeRun, SimulatedNode } from '../node.js';
import { Handle, Images, Masks, requireType, transformImages } from '../values.js';
import { resize } from './resize.js';

const CHANNELS = { red: 0, green: 1, blue: 2, alpha: 3 } as const;

/** The sizes of about one megapixel that Flux Kontext was trained with are multiples of this number. */
const KONTEXT_STEP = 16;
const MEGAPIXEL = 1024 * 1024;

export const pictures: Record<string, SimulatedNode['run']> = {
  ImageScaleToTotalPixels: async ({ image, upscale_method, megapixels, resolution_steps }) => {
    const images = requireType(Images, image);
    const size = ofPixels(images.size, Number(megapixels) * MEGAPIXEL, Number(resolution_steps ?? 1));
    return { outputs: [await stretch(images, size, upscale_method)] };
  },

  ImageScaleToMaxDimension: async ({ image, upscale_method, largest_size }) => {
    const images = requireType(Images, image);
    const scale = Number(largest_size) / Math.max(images.size.width, images.size.height);
    return { outputs: [await stretch(images, times(images.size, scale), upscale_method)] };
  },

  ResizeImagesByLongerEdge: async (inputs) => {
    const images = requireType(Images, inputs.images);
    const scale = Number(inputs.longer_edge) / Math.max(images.size.width, images.size.height);
    return { outputs: [await stretch(images, times(images.size, scale), 'lanczos')] };
  },

  FluxKontextImageScale: async ({ image }) => {
    const images = requireType(Images, image);
    return { outputs: [await stretch(images, ofPixels(images.size, MEGAPIXEL, KONTEXT_STEP), 'lanczos')] };
  },

  /** The factor is in the names of such models: `4x-UltraSharp`, `RealESRGAN_x2plus`. */
  ImageUpscaleWithModel: async ({ image, upscale_model }, run) => {
    const images = requireType(Images, image);
    const { name } = requireType(Handle, upscale_model);
    const scale = Number(/(?:^|[^\d])([248])x|x([248])/i.exec(name)?.slice(1).find(Boolean) ?? 4);
    await run.simulateWork(run.stepMs);
    return { outputs: [await stretch(images, times(images.size, scale), 'lanczos')] };
  },

  ImageCropV2: async ({ image, crop_region }) => {
    const images = requireType(Images, image);
    const { x = 0, y = 0, width = 0, height = 0 } = (crop_region ?? {}) as Record<string, number>;
    const left = Math.min(Math.max(0, x), images.size.width - 1);
    const top = Math.min(Math.max(0, y), images.size.height - 1);
    const region = {
      left,
      top,
      width: Math.max(1, Math.min(width || images.size.width, images.size.width - left)),
      height: Math.max(1, Math.min(height || images.size.height, images.size.height - top)),
    };
    return { outputs: [await transformImages(images, (frame) => frame.extract(region))] };
  },

  ResizeImageMaskNode: resize,

  BatchImagesNode: async (inputs) => {
    const batches = Object.values(inputs).map((each) => requireType(Images, each));
    const size = batches[0]?.size;
    const fitted = await Promise.all(
      batches.map((each) => (size ? transformImages(each, (frame) => frame.resize({ ...size, fit: 'cover' })) : each)),
    );
    return { outputs: [new Images(fitted.flatMap(({ frames }) => frames))] };
  },

  Canny: async ({ image }) => ({
    outputs: [
      await transformImages(requireType(Images, image), (frame) =>
        frame
          .greyscale()
          .convolve({ width: 3, height: 3, kernel: [-1, -1, -1, -1, 8, -1, -1, -1, -1] })
          .threshold(40),
      ),
    ],
  }),

  GrowMask: async ({ mask, expand }) => {
    const { frames } = requireType(Masks, mask);
    const grown = async (frame: Bitmap) => {
      const pixels = Number(expand);
      if (pixels === 0) return frame;
      const image = toSharp(frame);
      return await oneChannel(pixels > 0 ? image.dilate(pixels) : image.erode(-pixels));
    };
    return { outputs: [new Masks(await Promise.all(frames.map(grown)))] };
  },

  LoadImageMask: async ({ image, channel }, { files }: NodeRun) => {
    const loaded = sharp(await files.read(String(image)))
      .rotate()
      .toColourspace('srgb')
      .ensureAlpha()
      .extractChannel(CHANNELS[channel as keyof typeof CHANNELS]);
    // A transparent pixel is a part of the mask.
    return { outputs: [new Masks([await oneChannel(channel === 'alpha' ? loaded.negate() : loaded)])] };
  },

  LoadImageOutput: async ({ image }, { files }: NodeRun) => {
    const loaded = await toBitmap(
      sharp(await files.read(String(image)))
        .toColourspace('srgb')
        .ensureAlpha(),
    );
    const color = await toBitmap(toSharp(loaded).removeAlpha());
    return {
      outputs: [new Images([color]), new Masks([await oneChannel(toSharp(loaded).extractChannel(3).negate())])],
    };
  },
};

const oneChannel = (image: Sharp): Promise<Bitmap> => toBitmap(image.toColourspace('b-w'));

export type Size = { width: number; height: number };

export const times = ({ width, height }: Size, scale: number): Size => ({
  width: Math.max(1, Math.round(width * scale)),
  height: Math.max(1, Math.round(height * scale)),
});

/** The same proportions with about this number of pixels; both sides are multiples of `step`. */
export function ofPixels(size: Size, pixels: number, step = 1): Size {
  const { width, height } = times(size, Math.sqrt(pixels / (size.width * size.height)));
  const round = (side: number) => Math.max(step, Math.round(side / step) * step);
  return { width: round(width), height: round(height) };
}

export const stretch = (images: Images, size: Size, method: unknown, fit: 'fill' | 'cover' = 'fill'): Promise<Images> =>
  transformImages(images, (frame) => frame.resize({ ...size, fit, kernel: kernel(method) }));
