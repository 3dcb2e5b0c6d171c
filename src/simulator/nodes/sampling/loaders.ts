/** Nodes that load models and encode texts. A model is only its name. */
import type { SimulatedNode } from '../node.js';
import { Clip, Conditioning, Model, requireType, Vae } from '../values.js';

/** Durations in sampler steps, measured with ComfyUI on a CPU with a small model. */
const LOAD_STEPS = 3;
const ENCODE_STEPS = 0.6;

export const loaders: Record<string, SimulatedNode> = {
  CheckpointLoaderSimple: {
    input: ({ checkpoints }) => ({
      required: { ckpt_name: [checkpoints, { tooltip: 'The name of the checkpoint (model) to load.' }] },
    }),
    output: ['MODEL', 'CLIP', 'VAE'],
    displayName: 'Load Checkpoint',
    description: 'Loads a diffusion model checkpoint, diffusion models are used to denoise latents.',
    category: 'loaders',
    tooltips: [
      'The model used for denoising latents.',
      'The CLIP model used for encoding text prompts.',
      'The VAE model used for encoding and decoding images to and from latent space.',
    ],
    method: 'load_checkpoint',
    async run({ ckpt_name }, run) {
      await run.simulateWork(run.stepMs * LOAD_STEPS);
      const name = String(ckpt_name);
      return { outputs: [new Model(name), new Clip(name), new Vae(name)] };
    },
  },

  LoraLoader: {
    input: ({ loras }) => ({
      required: {
        model: ['MODEL', { tooltip: 'The diffusion model the LoRA will be applied to.' }],
        clip: ['CLIP', { tooltip: 'The CLIP model the LoRA will be applied to.' }],
        lora_name: [loras, { tooltip: 'The name of the LoRA.' }],
        strength_model: ['FLOAT', strength('diffusion model')],
        strength_clip: ['FLOAT', strength('CLIP model')],
      },
    }),
    output: ['MODEL', 'CLIP'],
    displayName: 'Load LoRA',
    description:
      'LoRAs are used to modify diffusion and CLIP models, altering the way in which latents are denoised such as applying styles. Multiple LoRA nodes can be linked together.',
    category: 'loaders',
    tooltips: ['The modified diffusion model.', 'The modified CLIP model.'],
    method: 'load_lora',
    async run({ model, clip, lora_name, strength_model }, run) {
      await run.simulateWork(run.stepMs * LOAD_STEPS);
      const name = `${requireType(Model, model).name} + ${lora_name} ${strength_model}`;
      return { outputs: [new Model(name), new Clip(requireType(Clip, clip).name)] };
    },
  },

  VAELoader: {
    input: ({ vaes }) => ({ required: { vae_name: [vaes] } }),
    output: ['VAE'],
    displayName: 'Load VAE',
    category: 'loaders',
    method: 'load_vae',
    run: ({ vae_name }) => ({ outputs: [new Vae(String(vae_name))] }),
  },

  CLIPTextEncode: {
    input: {
      required: {
        text: ['STRING', { multiline: true, dynamicPrompts: true, tooltip: 'The text to be encoded.' }],
        clip: ['CLIP', { tooltip: 'The CLIP model used for encoding the text.' }],
      },
    },
    output: ['CONDITIONING'],
    displayName: 'CLIP Text Encode (Prompt)',
    description:
      'Encodes a text prompt using a CLIP model into an embedding that can be used to guide the diffusion model towards generating specific images.',
    category: 'conditioning',
    tooltips: ['A conditioning containing the embedded text used to guide the diffusion model.'],
    method: 'encode',
    async run({ text, clip }, run) {
      requireType(Clip, clip);
      await run.simulateWork(run.stepMs * ENCODE_STEPS);
      return { outputs: [new Conditioning(String(text))] };
    },
  },
};

function strength(of: string) {
  const tooltip = `How strongly to modify the ${of}. This value can be negative.`;
  return { default: 1, min: -100, max: 100, step: 0.01, tooltip };
}
