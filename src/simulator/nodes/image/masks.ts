/** Nodes for masks: pictures with one channel. */
import { toBitmap, toSharp } from '../../pictures/bitmap.js';
import { isSince } from '../../version.js';
import type { ModelCatalog } from '../model-catalog.js';
import { MAX_PX, type SimulatedNode } from '../node.js';
import { Images, Masks, mapFramePixels, requireType } from '../values.js';

const module = 'comfy_extras.nodes_mask';

const isV3 = ({ version }: Pick<ModelCatalog, 'version'>) => isSince('0.33', version);

const channels = ['red', 'green', 'blue', 'alpha'];

export const masks: Record<string, SimulatedNode> = {
  SolidMask: {
    module,
    input: {
      required: {
        value: ['FLOAT', { default: 1, min: 0, max: 1, step: 0.01 }],
        width: ['INT', { default: 512, min: 1, max: MAX_PX, step: 1 }],
        height: ['INT', { default: 512, min: 1, max: MAX_PX, step: 1 }],
      },
    },
    output: ['MASK'],
    category: 'mask',
    method: 'solid',
    run: (inputs) => {
      const [width, height] = [Number(inputs.width), Number(inputs.height)];
      const data = new Uint8Array(width * height).fill(Math.round(Number(inputs.value) * 255));
      return { outputs: [new Masks([{ width, height, channels: 1, data }])] };
    },
  },

  InvertMask: {
    module,
    input: { required: { mask: ['MASK'] } },
    output: ['MASK'],
    category: 'mask',
    method: 'invert',
    run: ({ mask }) => ({
      outputs: [
        new Masks(requireType(Masks, mask).frames.map((frame) => mapFramePixels(frame, (value) => 255 - value))),
      ],
    }),
  },

  MaskToImage: {
    module,
    input: { required: { mask: ['MASK'] } },
    output: ['IMAGE'],
    displayName: 'Convert Mask to Image',
    category: 'mask',
    method: 'mask_to_image',
    run: async ({ mask }) => ({
      outputs: [
        new Images(
          await Promise.all(
            requireType(Masks, mask).frames.map((frame) => toBitmap(toSharp(frame).toColourspace('srgb'))),
          ),
        ),
      ],
    }),
  },

  ImageToMask: {
    module,
    isV3,
    input: ({ version }) => ({
      required: {
        image: ['IMAGE'],
        channel: isV3({ version }) ? ['COMBO', { multiselect: false, options: channels }] : [channels],
      },
    }),
    output: ['MASK'],
    displayName: 'Convert Image to Mask',
    category: 'mask',
    method: 'image_to_mask',
    run: ({ image, channel }) => {
      const index = channels.indexOf(String(channel));
      const frames = requireType(Images, image).frames.map(({ width, height, data }) => {
        // Pictures have no alpha channel: they are opaque.
        const one = Uint8Array.from({ length: width * height }, (_, at) =>
          index < 3 ? (data[at * 3 + index] ?? 0) : 255,
        );
        return { width, height, channels: 1 as const, data: one };
      });
      return { outputs: [new Masks(frames)] };
    },
  },
};
