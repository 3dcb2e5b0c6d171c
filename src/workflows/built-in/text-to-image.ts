/** Makes a picture from a prompt, with a checkpoint. */

import type { Workflow } from '../workflow.js';
import * as inputs from './common-inputs.js';
import { SAVED, sample } from './sampling.js';

export const textToImage: Workflow = {
  id: '3f0c2a3e-6a53-5c0e-9d1c-7a1d3f5b0a01',
  name: 'text-to-image',
  title: 'Text to image',
  version: 1,
  description: 'Makes a picture from a prompt, with a checkpoint.',
  inputs: [
    inputs.prompt,
    inputs.negativePrompt,
    inputs.model,
    inputs.seed,
    inputs.steps,
    inputs.guidance,
    inputs.sampler,
    inputs.scheduler,
    inputs.width,
    inputs.height,
    inputs.batchSize,
    inputs.loras,
  ],
  outputs: [SAVED],
  build: (values, filenamePrefix) => ({
    latent: {
      class_type: 'EmptyLatentImage',
      inputs: { width: values.width, height: values.height, batch_size: values.batchSize },
      _meta: { title: 'Empty latent image' },
    },
    ...sample({ ...values, denoise: 1 }, ['latent', 0], filenamePrefix),
  }),
};
