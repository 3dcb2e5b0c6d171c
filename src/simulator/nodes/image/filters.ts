/** Nodes that change the pixels of a picture, not its size. */
import { type Bitmap, toBitmap, toSharp } from '../../pictures/bitmap.js';
import { random } from '../../pictures/random.js';
import { PythonError } from '../../python/python.js';
import { imageNodeV3, type SimulatedNode } from '../node.js';
import { Images, mapPixels, requireType, transformImages } from '../values.js';

/** sharp's smallest blur; a smaller one would be invisible. */
const MIN_SIGMA = 0.3;

const post = { module: 'comfy_extras.nodes_post_processing', category: 'image/postprocessing', isV3: true } as const;

export const filters: Record<string, SimulatedNode> = {
  ImageInvert: {
    input: { required: { image: ['IMAGE'] } },
    output: ['IMAGE'],
    displayName: 'Invert Image',
    category: 'image',
    method: 'invert',
    run: ({ image }) => ({ outputs: [mapPixels(requireType(Images, image), (value) => 255 - value)] }),
  },

  ImageBlur: {
    ...post,
    input: {
      required: {
        image: ['IMAGE'],
        blur_radius: ['INT', { default: 1, min: 1, max: 31, step: 1 }],
        sigma: ['FLOAT', { default: 1, min: 0.1, max: 10, step: 0.1 }],
      },
    },
    output: ['IMAGE'],
    run: async ({ image, blur_radius, sigma }) => {
      const from = requireType(Images, image);
      refuseWidePadding(from, Number(blur_radius));
      return { outputs: [await blurred(from, Number(sigma))] };
    },
  },

  ImageSharpen: {
    ...post,
    input: {
      required: {
        image: ['IMAGE'],
        sharpen_radius: ['INT', { default: 1, min: 1, max: 31, step: 1 }],
        sigma: ['FLOAT', { default: 1, min: 0.1, max: 10, step: 0.01 }],
        alpha: ['FLOAT', { default: 1, min: 0, max: 5, step: 0.01 }],
      },
    },
    output: ['IMAGE'],
    run: async ({ image, sharpen_radius, sigma, alpha }) => {
      const from = requireType(Images, image);
      refuseWidePadding(from, Number(sharpen_radius));
      const soft = await blurred(from, Number(sigma));
      const sharpened = combine(from, soft, (value, smooth) => value + (value - smooth) * Number(alpha));
      return { outputs: [sharpened] };
    },
  },

  ImageBlend: {
    ...post,
    input: {
      required: {
        image1: ['IMAGE'],
        image2: ['IMAGE'],
        blend_factor: ['FLOAT', { default: 0.5, min: 0, max: 1, step: 0.01 }],
        blend_mode: [
          'COMBO',
          { multiselect: false, options: ['normal', 'multiply', 'screen', 'overlay', 'soft_light', 'difference'] },
        ],
      },
    },
    output: ['IMAGE'],
    run: async ({ image1, image2, blend_factor, blend_mode }) => {
      const from = requireType(Images, image1);
      const blend = blends[String(blend_mode)];
      // 0.3.64 does not validate the choice.
      if (!blend) throw new PythonError('ValueError', `Unsupported blend mode: ${blend_mode}`);
      const { width, height } = from.size;
      const other = await transformImages(requireType(Images, image2), (frame) =>
        frame.resize(width, height, { fit: 'cover' }),
      );
      const factor = Number(blend_factor);
      const mixed = (a: number, b: number) => a * (1 - factor) + 255 * blend(a / 255, b / 255) * factor;
      return { outputs: [combine(from, other, mixed)] };
    },
  },

  ImageQuantize: {
    ...post,
    input: {
      required: {
        image: ['IMAGE'],
        colors: ['INT', { default: 256, min: 1, max: 256, step: 1 }],
        dither: [
          'COMBO',
          { multiselect: false, options: ['none', 'floyd-steinberg', 'bayer-2', 'bayer-4', 'bayer-8', 'bayer-16'] },
        ],
      },
    },
    output: ['IMAGE'],
    run: async ({ image, colors, dither }) => {
      const palette = { palette: true, colours: Math.max(2, Number(colors)), dither: dither === 'none' ? 0 : 1 };
      const quantized = async (frame: Bitmap) => {
        const png = await toSharp(frame).png(palette).toBuffer();
        return await toBitmap(
          toSharp(frame)
            .composite([{ input: png, blend: 'over' }])
            .removeAlpha(),
        );
      };
      return { outputs: [new Images(await Promise.all(requireType(Images, image).frames.map(quantized)))] };
    },
  },

  ImageAddNoise: {
    ...imageNodeV3('ImageAddNoise'),
    input: {
      required: {
        image: ['IMAGE'],
        seed: [
          'INT',
          {
            default: 0,
            min: 0,
            max: 2n ** 64n - 1n,
            control_after_generate: true,
            tooltip: 'The random seed used for creating the noise.',
          },
        ],
        strength: ['FLOAT', { default: 0.5, min: 0, max: 1, step: 0.01 }],
      },
    },
    output: ['IMAGE'],
    category: 'image',
    method: 'repeat',
    run: ({ image, seed, strength }) => {
      const next = random(`noise ${seed}`);
      // The sum of four numbers is close to a normal distribution; scaled to a spread of 1.
      const noise = () => (next() + next() + next() + next() - 2) * Math.sqrt(3);
      return { outputs: [mapPixels(requireType(Images, image), (value) => value + noise() * 255 * Number(strength))] };
    },
  },
};

const blends: Record<string, (a: number, b: number) => number> = {
  normal: (_a, b) => b,
  multiply: (a, b) => a * b,
  screen: (a, b) => 1 - (1 - a) * (1 - b),
  overlay: (a, b) => (a <= 0.5 ? 2 * a * b : 1 - 2 * (1 - a) * (1 - b)),
  soft_light: (a, b) => {
    const curve = a <= 0.25 ? ((16 * a - 12) * a + 4) * a : Math.sqrt(a);
    return b <= 0.5 ? a - (1 - 2 * b) * a * (1 - a) : a + (2 * b - 1) * (curve - a);
  },
  difference: (a, b) => a - b,
};

function blurred(images: Images, sigma: number): Promise<Images> | Images {
  return sigma < MIN_SIGMA ? images : transformImages(images, (frame) => frame.blur(sigma));
}

/** Repeats the last picture of a shorter second batch. */
function combine(first: Images, second: Images, mix: (a: number, b: number) => number): Images {
  return new Images(
    first.frames.map((frame, index) => {
      const other = second.frames[Math.min(index, second.frames.length - 1)]?.data ?? frame.data;
      const data = new Uint8ClampedArray(frame.data.length);
      for (let at = 0; at < data.length; at++) data[at] = mix(frame.data[at] ?? 0, other[at] ?? 0);
      return { ...frame, data: new Uint8Array(data.buffer) };
    }),
  );
}

/** torch mirrors pixels for padding, so the picture must be larger than the padding. */
function refuseWidePadding(images: Images, radius: number): void {
  const { width, height } = images.size;
  if (radius < Math.min(width, height)) return;
  const input = `[${images.frames.length}, 3, ${height}, ${width}]`;
  throw new PythonError(
    'RuntimeError',
    `Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (${radius}, ${radius}) at dimension 3 of input ${input}`,
  );
}
