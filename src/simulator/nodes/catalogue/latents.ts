/** Latents: sampling with parts, scaling, masks. */

import { resized } from '../../pictures/bitmap.js';
import { PythonError } from '../../python/python.js';
import type { NodeRun, SimulatedNode } from '../node.js';
import { sample, samplerInputs } from '../sampling/sample.js';
import { decode, encode } from '../sampling/sampling.js';
import { Conditioning, Guider, Images, Latent, Masks, memoize, Noise, requireType, Sigmas, Vae } from '../values.js';
import type { Inputs } from './make.js';

export const latents: Record<string, SimulatedNode['run']> = {
  SamplerCustom: async (inputs, run) => {
    const sigmas = requireType(Sigmas, inputs.sigmas);
    const latent = await sample({ ...samplerInputs(inputs), seed: inputs.noise_seed, ...sigmas }, run);
    return { outputs: [latent, latent] };
  },

  SamplerCustomAdvanced: async (inputs, run) => {
    const { model, positive, negative } = requireType(Guider, inputs.guider);
    const { seed } = requireType(Noise, inputs.noise);
    const linked = samplerInputs({ model, positive, negative, latent_image: inputs.latent_image });
    const latent = await sample({ ...linked, seed, ...requireType(Sigmas, inputs.sigmas) }, run);
    return { outputs: [latent, latent] };
  },

  VAEDecodeTiled: async ({ samples, vae }, run) => ({
    outputs: [await decode(requireType(Latent, samples), requireType(Vae, vae), run)],
  }),

  LatentUpscale: ({ samples, width, height }) => {
    const latent = requireType(Latent, samples);
    const ratio = latent.width / latent.height;
    const [wide, high] = [Number(width), Number(height)];
    // 0 keeps the aspect ratio.
    return { outputs: [scaled(latent, wide || high * ratio || latent.width, high || wide / ratio || latent.height)] };
  },

  LatentUpscaleBy: ({ samples, scale_by }) => {
    const latent = requireType(Latent, samples);
    return { outputs: [scaled(latent, latent.width * Number(scale_by), latent.height * Number(scale_by))] };
  },

  RepeatLatentBatch: ({ samples, amount }) => {
    const latent = requireType(Latent, samples);
    return { outputs: [latent.with(Array(Number(amount)).fill(latent.frames).flat(), latent.state)] };
  },

  SetLatentNoiseMask: ({ samples, mask }) => ({ outputs: [masked(requireType(Latent, samples), mask)] }),

  VAEEncodeForInpaint: async ({ pixels, vae, mask }, run) => ({ outputs: [await encodedIn(pixels, vae, mask, run)] }),

  InpaintModelConditioning: async ({ positive, negative, pixels, vae, mask }, run) => ({
    outputs: [
      requireType(Conditioning, positive),
      requireType(Conditioning, negative),
      await encodedIn(pixels, vae, mask, run),
    ],
  }),

  ReferenceLatent: ({ conditioning, latent }: Inputs) => {
    const { text, reference } = requireType(Conditioning, conditioning);
    const [first] = latent instanceof Latent ? latent.frames : [];
    return { outputs: [new Conditioning(text, reference ?? first)] };
  },

  LTXVConcatAVLatent: ({ video_latent, audio_latent }) => {
    const [video, audio] = [requireType(Latent, video_latent), requireType(Latent, audio_latent)];
    return { outputs: [video.with(video.frames, video.state, { ...audio.parts, ...video.parts })] };
  },
};

function scaled(latent: Latent, width: number, height: number): Latent {
  const [wide, high] = [width, height].map((side) => Math.max(8, Math.floor(side / 8) * 8)) as [number, number];
  const frames = latent.frames.map((frame) => memoize(async () => await resized(await frame(), wide, high)));
  return new Latent(wide, high, frames, latent.state, latent.parts);
}

function masked(latent: Latent, mask: unknown): Latent {
  const [first] = requireType(Masks, mask).frames;
  return first ? latent.with(latent.frames, latent.state, { ...latent.parts, mask: first }) : latent;
}

async function encodedIn(pixels: unknown, vae: unknown, mask: unknown, run: NodeRun): Promise<Latent> {
  const images = requireType(Images, pixels);
  if (images.frames.length === 0) throw new PythonError('IndexError', 'list index out of range');
  return masked(await encode(images, requireType(Vae, vae), run), mask);
}
