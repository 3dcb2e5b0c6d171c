/** The part of the graph that all checkpoint workflows share: load, encode the prompts, sample, decode, save. */
import type { Graph, Link } from '../../comfyui/protocol/protocol.js';
import { withLoras } from '../loras.js';
import type { InputValues, Lora, Output } from '../workflow.js';

/** The pictures of the node `save`. */
export const SAVED: Output = { name: 'image', title: 'Image', kind: 'IMAGE', nodeId: 'save' };

export function sample(values: InputValues, latent: Link, filenamePrefix: string): Graph {
  // A generation of an older version has none.
  const loras = (values.loras ?? []) as Lora[];
  const graph = sampleWithout(values, latent, filenamePrefix);
  return withLoras(graph, loras, { model: ['checkpoint', 0], clip: ['checkpoint', 1] });
}

const sampleWithout = (values: InputValues, latent: Link, filenamePrefix: string): Graph => ({
  checkpoint: {
    class_type: 'CheckpointLoaderSimple',
    inputs: { ckpt_name: values.model },
    _meta: { title: 'Load the checkpoint' },
  },
  positive: {
    class_type: 'CLIPTextEncode',
    inputs: { text: values.prompt, clip: ['checkpoint', 1] },
    _meta: { title: 'Read the prompt' },
  },
  negative: {
    class_type: 'CLIPTextEncode',
    inputs: { text: values.negativePrompt, clip: ['checkpoint', 1] },
    _meta: { title: 'Read the negative prompt' },
  },
  sampler: {
    class_type: 'KSampler',
    inputs: {
      model: ['checkpoint', 0],
      positive: ['positive', 0],
      negative: ['negative', 0],
      latent_image: latent,
      // A decimal string, which ComfyUI accepts: a JavaScript number would round it.
      seed: values.seed,
      steps: values.steps,
      cfg: values.guidance,
      sampler_name: values.sampler,
      scheduler: values.scheduler,
      denoise: values.denoise,
    },
    _meta: { title: 'KSampler' },
  },
  decode: {
    class_type: 'VAEDecode',
    inputs: { samples: ['sampler', 0], vae: ['checkpoint', 2] },
    _meta: { title: 'Decode' },
  },
  save: {
    class_type: 'SaveImage',
    inputs: { images: ['decode', 0], filename_prefix: filenamePrefix },
    _meta: { title: 'Save' },
  },
});
