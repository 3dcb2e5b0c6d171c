/** Nodes for latents: create, sample, decode and encode. */
import { type Bitmap, solid } from '../../pictures/bitmap.js';
import type { NodeRun, SimulatedNode } from '../node.js';
import { Images, Latent, memoize, requireType, Vae } from '../values.js';
import { sample, samplerInputs } from './sample.js';
import { samplers, schedulers } from './sampler-names.js';

/** Duration of decoding in sampler steps, measured with ComfyUI on a CPU with a small model. */
const DECODE_STEPS = 1.5;

const seed = { default: 0, min: 0, max: 2n ** 64n - 1n, control_after_generate: true };
const cfg = { default: 8, min: 0, max: 100, step: 0.1, round: 0.01 };

export const sampling: Record<string, SimulatedNode> = {
  EmptyLatentImage: {
    input: {
      required: {
        width: [
          'INT',
          { default: 512, min: 16, max: 16384, step: 8, tooltip: 'The width of the latent images in pixels.' },
        ],
        height: [
          'INT',
          { default: 512, min: 16, max: 16384, step: 8, tooltip: 'The height of the latent images in pixels.' },
        ],
        batch_size: ['INT', { default: 1, min: 1, max: 4096, tooltip: 'The number of latent images in the batch.' }],
      },
    },
    output: ['LATENT'],
    displayName: 'Empty Latent Image',
    description: 'Create a new batch of empty latent images to be denoised via sampling.',
    category: 'latent',
    tooltips: ['The empty latent image batch.'],
    method: 'generate',
    run: ({ width, height, batch_size }) => {
      // A latent pixel covers 8 × 8 pixels, so ComfyUI rounds sizes down to a multiple of 8.
      const [wide, high] = [Number(width), Number(height)].map((side) => Math.floor(side / 8) * 8) as [number, number];
      const frame = memoize(async () => solid(wide, high, 0x807a70));
      return { outputs: [new Latent(wide, high, Array(Number(batch_size)).fill(frame), 'blank')] };
    },
  },

  KSampler: {
    input: (catalog) => ({
      required: {
        model: ['MODEL', { tooltip: 'The model used for denoising the input latent.' }],
        seed: ['INT', { ...seed, tooltip: 'The random seed used for creating the noise.' }],
        steps: [
          'INT',
          { default: 20, min: 1, max: 10000, tooltip: 'The number of steps used in the denoising process.' },
        ],
        cfg: [
          'FLOAT',
          {
            ...cfg,
            tooltip:
              'The Classifier-Free Guidance scale balances creativity and adherence to the prompt. Higher values result in images more closely matching the prompt however too high values will negatively impact quality.',
          },
        ],
        sampler_name: [
          samplers(catalog),
          {
            tooltip:
              'The algorithm used when sampling, this can affect the quality, speed, and style of the generated output.',
          },
        ],
        scheduler: [
          schedulers,
          { tooltip: 'The scheduler controls how noise is gradually removed to form the image.' },
        ],
        positive: [
          'CONDITIONING',
          { tooltip: 'The conditioning describing the attributes you want to include in the image.' },
        ],
        negative: [
          'CONDITIONING',
          { tooltip: 'The conditioning describing the attributes you want to exclude from the image.' },
        ],
        latent_image: ['LATENT', { tooltip: 'The latent image to denoise.' }],
        denoise: [
          'FLOAT',
          {
            default: 1,
            min: 0,
            max: 1,
            step: 0.01,
            tooltip:
              'The amount of denoising applied, lower values will maintain the structure of the initial image allowing for image to image sampling.',
          },
        ],
      },
    }),
    output: ['LATENT'],
    displayName: 'KSampler',
    description: 'Uses the provided model, positive and negative conditioning to denoise the latent image.',
    category: 'sampling',
    tooltips: ['The denoised latent.'],
    method: 'sample',
    run: async (inputs, run) => {
      const denoise = Number(inputs.denoise);
      const steps = denoise > 0 ? Number(inputs.steps) : 0;
      return { outputs: [await sample({ ...samplerInputs(inputs), seed: inputs.seed, steps, denoise }, run)] };
    },
  },

  KSamplerAdvanced: {
    input: (catalog) => ({
      required: {
        model: ['MODEL'],
        add_noise: [['enable', 'disable']],
        noise_seed: ['INT', seed],
        steps: ['INT', { default: 20, min: 1, max: 10000 }],
        cfg: ['FLOAT', cfg],
        sampler_name: [samplers(catalog)],
        scheduler: [schedulers],
        positive: ['CONDITIONING'],
        negative: ['CONDITIONING'],
        latent_image: ['LATENT'],
        start_at_step: ['INT', { default: 0, min: 0, max: 10000 }],
        end_at_step: ['INT', { default: 10000, min: 0, max: 10000 }],
        return_with_leftover_noise: [['disable', 'enable']],
      },
    }),
    output: ['LATENT'],
    displayName: 'KSampler (Advanced)',
    category: 'sampling',
    method: 'sample',
    run: async (inputs, run) => {
      const [all, start] = [Number(inputs.steps), Number(inputs.start_at_step)];
      const end = Math.min(Number(inputs.end_at_step), all);
      const steps = Math.max(end - start, 0);
      const denoise = steps === 0 ? 0 : 1 - start / all;
      const isLeftNoisy = inputs.return_with_leftover_noise === 'enable' && end < all;
      const latent = await sample({ ...samplerInputs(inputs), seed: inputs.noise_seed, steps, denoise }, run);
      return { outputs: [isLeftNoisy ? latent.with(latent.frames, 'noisy') : latent] };
    },
  },

  VAEDecode: {
    input: {
      required: {
        samples: ['LATENT', { tooltip: 'The latent to be decoded.' }],
        vae: ['VAE', { tooltip: 'The VAE model used for decoding the latent.' }],
      },
    },
    output: ['IMAGE'],
    displayName: 'VAE Decode',
    description: 'Decodes latent images back into pixel space images.',
    category: 'latent',
    tooltips: ['The decoded image.'],
    method: 'decode',
    run: async ({ samples, vae }, run) => ({
      outputs: [await decode(requireType(Latent, samples), requireType(Vae, vae), run)],
    }),
  },

  VAEEncode: {
    input: { required: { pixels: ['IMAGE'], vae: ['VAE'] } },
    output: ['LATENT'],
    displayName: 'VAE Encode',
    category: 'latent',
    method: 'encode',
    run: async ({ pixels, vae }, run) => ({
      outputs: [await encode(requireType(Images, pixels), requireType(Vae, vae), run)],
    }),
  },
};

export async function decode(latent: Latent, _vae: Vae, run: NodeRun): Promise<Images> {
  const frames: Bitmap[] = [];
  await run.simulateWork(run.stepMs * DECODE_STEPS);
  for (const frame of latent.frames) {
    const decoded = await frame();
    for (let nth = 0; nth < (latent.parts.length ?? 1); nth++) frames.push(decoded);
  }
  return new Images(frames);
}

export async function encode(images: Images, _vae: Vae, run: NodeRun): Promise<Latent> {
  await run.simulateWork(run.stepMs * DECODE_STEPS);
  const { width, height } = images.size;
  const frames = images.frames.map((frame) => memoize(async () => frame));
  return new Latent(width, height, frames);
}
