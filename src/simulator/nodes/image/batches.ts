/** Nodes that build and split batches. */
import { imageNodeV3, type SimulatedNode } from '../node.js';
import { Images, requireType, transformImages } from '../values.js';

export const batches: Record<string, SimulatedNode> = {
  ImageBatch: {
    input: { required: { image1: ['IMAGE'], image2: ['IMAGE'] } },
    output: ['IMAGE'],
    displayName: 'Batch Images',
    category: 'image',
    extra: ({ version }) => (version === '0.3.64' ? {} : { deprecated: true }),
    method: 'batch',
    run: async ({ image1, image2 }) => {
      const first = requireType(Images, image1);
      const { width, height } = first.size;
      const second = await transformImages(requireType(Images, image2), (frame) =>
        frame.resize(width, height, { fit: 'cover' }),
      );
      return { outputs: [new Images([...first.frames, ...second.frames])] };
    },
  },

  RepeatImageBatch: {
    ...imageNodeV3('RepeatImageBatch'),
    input: { required: { image: ['IMAGE'], amount: ['INT', { default: 1, min: 1, max: 4096 }] } },
    output: ['IMAGE'],
    category: 'image/batch',
    method: 'repeat',
    run: ({ image, amount }) => ({
      outputs: [new Images(Array.from({ length: Number(amount) }, () => requireType(Images, image).frames).flat())],
    }),
  },

  ImageFromBatch: {
    ...imageNodeV3('ImageFromBatch'),
    input: {
      required: {
        image: ['IMAGE'],
        batch_index: ['INT', { default: 0, min: 0, max: 4095 }],
        length: ['INT', { default: 1, min: 1, max: 4096 }],
      },
    },
    output: ['IMAGE'],
    category: 'image/batch',
    method: 'frombatch',
    run: ({ image, batch_index, length }) => {
      const { frames } = requireType(Images, image);
      const from = Math.min(frames.length - 1, Number(batch_index));
      return { outputs: [new Images(frames.slice(from, from + Number(length)))] };
    },
  },
};
