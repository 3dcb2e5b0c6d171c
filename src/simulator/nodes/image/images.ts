/** Nodes that create, load and scale pictures. */
import sharp, { type KernelEnum } from 'sharp';
import { solid, toBitmap, toSharp } from '../../pictures/bitmap.js';
import { PythonError } from '../../python/python.js';
import { imageNodeV3, MAX_PX, type SimulatedNode } from '../node.js';
import { Images, Masks, requireType, transformImages } from '../values.js';

const scaleMethods = ['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'];

export const images: Record<string, SimulatedNode> = {
  EmptyImage: {
    input: {
      required: {
        width: ['INT', { default: 512, min: 1, max: MAX_PX, step: 1 }],
        height: ['INT', { default: 512, min: 1, max: MAX_PX, step: 1 }],
        batch_size: ['INT', { default: 1, min: 1, max: 4096 }],
        color: ['INT', { default: 0, min: 0, max: 0xffffff, step: 1, display: 'color' }],
      },
    },
    output: ['IMAGE'],
    category: 'image',
    method: 'generate',
    run: ({ width, height, batch_size, color }) => {
      const frame = solid(Number(width), Number(height), Number(color));
      return { outputs: [new Images(Array(Number(batch_size)).fill(frame))] };
    },
  },

  LoadImage: {
    input: ({ inputs }) => ({ required: { image: [inputs().filter(isPicture), { image_upload: true }] } }),
    output: ['IMAGE', 'MASK'],
    displayName: 'Load Image',
    category: 'image',
    method: 'load_image',
    cacheKey: ({ image }, files) => files.fingerprint(String(image)),
    customValidation: {
      inputs: ['image'],
      run: ({ image }, files) => files.find(String(image)) !== undefined || `Invalid image file: ${image}`,
    },
    run: async ({ image }, { files }) => {
      const name = String(image);
      const bytes = await files.read(name).catch(() => {
        throw new PythonError('FileNotFoundError', `[Errno 2] No such file or directory: '${name}'`);
      });
      const loaded = await Promise.resolve()
        .then(() => toBitmap(sharp(bytes).rotate().toColourspace('srgb').ensureAlpha()))
        .catch(() => {
          throw new PythonError('PIL.UnidentifiedImageError', `cannot identify image file '${files.find(name)}'`);
        });
      const color = await toBitmap(toSharp(loaded).removeAlpha());
      const holes = await toBitmap(toSharp(loaded).extractChannel(3).negate().toColourspace('b-w'));
      return { outputs: [new Images([color]), new Masks([holes])] };
    },
  },

  ImageScale: {
    input: {
      required: {
        image: ['IMAGE'],
        upscale_method: [scaleMethods],
        width: ['INT', { default: 512, min: 0, max: MAX_PX, step: 1 }],
        height: ['INT', { default: 512, min: 0, max: MAX_PX, step: 1 }],
        crop: [['disabled', 'center']],
      },
    },
    output: ['IMAGE'],
    displayName: 'Upscale Image',
    category: 'image/upscaling',
    method: 'upscale',
    run: async ({ image, upscale_method, width, height, crop }) => {
      const from = requireType(Images, image);
      const ratio = from.size.width / from.size.height;
      const [wide, high] = [Number(width), Number(height)];
      if (wide === 0 && high === 0) return { outputs: [from] };
      const size = {
        // 0 keeps the aspect ratio.
        width: wide || Math.max(1, Math.round(high * ratio)),
        height: high || Math.max(1, Math.round(wide / ratio)),
        fit: crop === 'center' ? 'cover' : 'fill',
        kernel: kernel(upscale_method),
      } as const;
      return { outputs: [await transformImages(from, (frame) => frame.resize(size))] };
    },
  },

  ImageScaleBy: {
    input: {
      required: {
        image: ['IMAGE'],
        upscale_method: [scaleMethods],
        scale_by: ['FLOAT', { default: 1, min: 0.01, max: 8, step: 0.01 }],
      },
    },
    output: ['IMAGE'],
    displayName: 'Upscale Image By',
    category: 'image/upscaling',
    method: 'upscale',
    run: async ({ image, upscale_method, scale_by }) => {
      const from = requireType(Images, image);
      const scaled = (side: number) => Math.max(1, Math.round(side * Number(scale_by)));
      const { width, height } = from.size;
      const size = {
        width: scaled(width),
        height: scaled(height),
        fit: 'fill',
        kernel: kernel(upscale_method),
      } as const;
      return { outputs: [await transformImages(from, (frame) => frame.resize(size))] };
    },
  },

  GetImageSize: {
    ...imageNodeV3('GetImageSize'),
    input: ({ version }) => ({
      required: { image: ['IMAGE'] },
      hidden: { unique_id: version === '0.3.64' ? 'UNIQUE_ID' : ['UNIQUE_ID'] },
    }),
    output: ['INT', 'INT', 'INT'],
    outputName: ['width', 'height', 'batch_size'],
    description: 'Returns width and height of the image, and passes it through unchanged.',
    category: 'image',
    method: 'get_size',
    usesId: true,
    run: ({ image }, { sendText }) => {
      const { frames, size } = requireType(Images, image);
      sendText(`width: ${size.width}, height: ${size.height}\n batch size: ${frames.length}`);
      return { outputs: [size.width, size.height, frames.length] };
    },
  },
};

export function kernel(method: unknown): keyof KernelEnum {
  return ({ 'nearest-exact': 'nearest', bicubic: 'cubic', lanczos: 'lanczos3' } as const)[String(method)] ?? 'linear';
}

function isPicture(name: string): boolean {
  return /\.(png|jpe?g|webp|gif|bmp|tiff?|avif|svg)$/i.test(name);
}
