/** Nodes that crop, pad, rotate and composite pictures. */
import type { InputSpec } from '../../../comfyui/protocol/protocol.js';
import { type Bitmap, toBitmap, toSharp } from '../../pictures/bitmap.js';
import { choice, imageNodeV3, MAX_PX, type SimulatedNode } from '../node.js';
import { Images, Masks, requireType, transformImages } from '../values.js';

const GREY = { r: 128, g: 128, b: 128 };

const offset = (step = 1): InputSpec => ['INT', { default: 0, min: 0, max: MAX_PX, step }];
const side: InputSpec = ['INT', { default: 512, min: 1, max: MAX_PX, step: 1 }];

export const shapes: Record<string, SimulatedNode> = {
  ImageCrop: {
    ...imageNodeV3('ImageCrop'),
    input: { required: { image: ['IMAGE'], width: side, height: side, x: offset(), y: offset() } },
    output: ['IMAGE'],
    category: 'image/transform',
    method: 'crop',
    run: async ({ image, width, height, x, y }) => {
      const from = requireType(Images, image);
      const left = Math.min(Number(x), from.size.width - 1);
      const top = Math.min(Number(y), from.size.height - 1);
      const area = {
        left,
        top,
        width: Math.min(Number(width), from.size.width - left),
        height: Math.min(Number(height), from.size.height - top),
      };
      return { outputs: [await transformImages(from, (frame) => frame.extract(area))] };
    },
  },

  ImagePadForOutpaint: {
    input: {
      required: {
        image: ['IMAGE'],
        left: offset(8),
        top: offset(8),
        right: offset(8),
        bottom: offset(8),
        feathering: ['INT', { default: 40, min: 0, max: MAX_PX, step: 1 }],
      },
    },
    output: ['IMAGE', 'MASK'],
    displayName: 'Pad Image for Outpainting',
    category: 'image',
    method: 'expand_image',
    run: async ({ image, left, top, right, bottom, feathering }) => {
      const from = requireType(Images, image);
      const sides = { left: Number(left), top: Number(top), right: Number(right), bottom: Number(bottom) };
      const padded = await transformImages(from, (frame) => frame.extend({ ...sides, background: GREY }));
      return { outputs: [padded, new Masks([featheredMask(from.size, padded.size, sides, Number(feathering))])] };
    },
  },

  ImageFlip: {
    ...imageNodeV3('ImageFlip'),
    input: (catalog) => ({
      required: { image: ['IMAGE'], flip_method: choice(catalog, ['x-axis: vertically', 'y-axis: horizontally']) },
    }),
    output: ['IMAGE'],
    category: 'image',
    method: 'flip',
    run: async ({ image, flip_method }) => {
      const isVertical = String(flip_method).startsWith('x');
      return {
        outputs: [
          await transformImages(requireType(Images, image), (frame) => (isVertical ? frame.flip() : frame.flop())),
        ],
      };
    },
  },

  ImageRotate: {
    ...imageNodeV3('ImageRotate'),
    input: (catalog) => ({
      required: { image: ['IMAGE'], rotation: choice(catalog, ['none', '90 degrees', '180 degrees', '270 degrees']) },
    }),
    output: ['IMAGE'],
    category: 'image/transform',
    method: 'rotate',
    run: async ({ image, rotation }) => {
      const degrees = Number.parseInt(String(rotation), 10) || 0;
      return { outputs: [await transformImages(requireType(Images, image), (frame) => frame.rotate(degrees))] };
    },
  },

  ImageCompositeMasked: {
    input: {
      required: {
        destination: ['IMAGE'],
        source: ['IMAGE'],
        x: offset(),
        y: offset(),
        resize_source: ['BOOLEAN', { default: false }],
      },
      optional: { mask: ['MASK'] },
    },
    output: ['IMAGE'],
    category: 'image',
    module: 'comfy_extras.nodes_mask',
    method: 'composite',
    run: async ({ destination, source, x, y, resize_source, mask }) => {
      const below = requireType(Images, destination);
      const { width, height } = below.size;
      let above = requireType(Images, source);
      if (resize_source) above = await transformImages(above, (frame) => frame.resize(width, height, { fit: 'fill' }));
      const size = above.size;
      const stencil = mask ? requireType(Masks, mask).frames[0] : undefined;
      const fitted =
        stencil &&
        (await toBitmap(toSharp(stencil).resize(size.width, size.height, { fit: 'fill' }).toColourspace('b-w')));
      const frames = below.frames.map((frame, index) => {
        const over = above.frames[index % above.frames.length];
        return over ? drawOver(frame, over, Number(x), Number(y), fitted) : frame;
      });
      return { outputs: [new Images(frames)] };
    },
  },
};

/** Draws one picture over another, with the mask as opacity. */
function drawOver(below: Bitmap, above: Bitmap, left: number, top: number, mask?: Bitmap): Bitmap {
  const data = new Uint8Array(below.data);
  for (let y = 0; y < above.height && y + top < below.height; y++) {
    for (let x = 0; x < above.width && x + left < below.width; x++) {
      const opacity = mask ? (mask.data[y * above.width + x] ?? 0) / 255 : 1;
      for (let channel = 0; channel < 3; channel++) {
        const at = ((y + top) * below.width + x + left) * 3 + channel;
        const from = data[at] ?? 0;
        data[at] = from + ((above.data[(y * above.width + x) * 3 + channel] ?? 0) - from) * opacity;
      }
    }
  }
  return { ...below, data };
}

type Sides = { left: number; top: number; right: number; bottom: number };
type Size = { width: number; height: number };

/** White where the picture was padded, black inside, with a feathered edge. */
function featheredMask(inner: Size, outer: Size, sides: Sides, feathering: number): Bitmap {
  const data = new Uint8Array(outer.width * outer.height).fill(255);
  for (let y = 0; y < inner.height; y++) {
    for (let x = 0; x < inner.width; x++) {
      const distances = [
        sides.left > 0 ? x : Number.POSITIVE_INFINITY,
        sides.top > 0 ? y : Number.POSITIVE_INFINITY,
        sides.right > 0 ? inner.width - x : Number.POSITIVE_INFINITY,
        sides.bottom > 0 ? inner.height - y : Number.POSITIVE_INFINITY,
      ];
      const nearness = feathering > 0 ? Math.max(0, 1 - Math.min(...distances) / feathering) : 0;
      data[(y + sides.top) * outer.width + x + sides.left] = 255 * nearness ** 2;
    }
  }
  return { width: outer.width, height: outer.height, channels: 1, data };
}
