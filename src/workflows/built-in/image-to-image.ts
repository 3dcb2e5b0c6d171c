/** Makes a picture from a source picture and a prompt, with a checkpoint. */

import type { Workflow } from '../workflow.js';
import * as inputs from './common-inputs.js';
import { SAVED, sample } from './sampling.js';

export const imageToImage: Workflow = {
  id: '3f0c2a3e-6a53-5c0e-9d1c-7a1d3f5b0a02',
  name: 'image-to-image',
  title: 'Image to image',
  version: 1,
  description: 'Makes a picture from a source picture and a prompt, with a checkpoint.',
  inputs: [
    inputs.source,
    inputs.denoise,
    inputs.prompt,
    inputs.negativePrompt,
    inputs.model,
    inputs.seed,
    inputs.steps,
    inputs.guidance,
    inputs.sampler,
    inputs.scheduler,
    inputs.sourceWidth,
    inputs.sourceHeight,
    inputs.batchSize,
    inputs.loras,
  ],
  outputs: [SAVED],
  build: (values, filenamePrefix) => ({
    source: { class_type: 'LoadImage', inputs: { image: values.source }, _meta: { title: 'Load the source' } },
    scale: {
      class_type: 'ImageScale',
      inputs: {
        image: ['source', 0],
        upscale_method: 'lanczos',
        width: values.width,
        height: values.height,
        crop: 'center',
      },
      _meta: { title: 'Scale the source' },
    },
    repeat: {
      class_type: 'RepeatImageBatch',
      inputs: { image: ['scale', 0], amount: values.batchSize },
      _meta: { title: 'Repeat for the batch' },
    },
    encode: {
      class_type: 'VAEEncode',
      inputs: { pixels: ['repeat', 0], vae: ['checkpoint', 2] },
      _meta: { title: 'Encode the source' },
    },
    ...sample(values, ['encode', 0], filenamePrefix),
  }),
};
