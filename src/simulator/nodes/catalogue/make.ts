/** Makes the outputs of a class of the table, by type: the input of the same name or type passed through, or a new value. */
import { solid } from '../../pictures/bitmap.js';
import { hash } from '../../pictures/random.js';
import type { NodeRun } from '../node.js';
import { encode } from '../sampling/sampling.js';
import {
  Clip,
  Conditioning,
  Guider,
  Handle,
  Images,
  Latent,
  Masks,
  Model,
  memoize,
  Noise,
  Sigmas,
  Sound,
  Vae,
  Video,
} from '../values.js';
import { type Entry, entries } from './entry.js';

export type Inputs = Record<string, unknown>;

/** Durations in sampler steps, as those of the checkpoint's nodes. */
const LOAD_STEPS = 3;
const ENCODE_STEPS = 0.6;

/** The size of a latent that has no size of its own, such as that of a sound. */
const TINY_PX = 64;

const KINDS: Record<string, new (...args: never[]) => object> = {
  MODEL: Model,
  CLIP: Clip,
  VAE: Vae,
  CONDITIONING: Conditioning,
  LATENT: Latent,
  IMAGE: Images,
  MASK: Masks,
  AUDIO: Sound,
  VIDEO: Video,
  SIGMAS: Sigmas,
  NOISE: Noise,
  GUIDER: Guider,
};

export async function makeOutputs(entry: Entry, inputs: Inputs, run: NodeRun): Promise<unknown[]> {
  const made: unknown[] = [];
  for (const [slot, type] of entry.output.entries()) {
    const passed = passedThrough(type, entry.outputName?.[slot], inputs);
    made.push(passed ?? (await make(type, inputs, run)));
  }
  return made;
}

function passedThrough(type: string, name: string | undefined, inputs: Inputs): unknown {
  const isOfType = (value: unknown): boolean => {
    const kind = KINDS[type];
    return kind ? value instanceof kind : value instanceof Handle && value.type === type;
  };
  const same = name === undefined ? undefined : inputs[name];
  return isOfType(same) ? same : Object.values(inputs).find(isOfType);
}

async function make(type: string, inputs: Inputs, run: NodeRun): Promise<unknown> {
  const name = nameIn(run.classType, inputs);
  if (type === 'MODEL') await run.simulateWork(run.stepMs * LOAD_STEPS);
  if (type === 'CONDITIONING') await run.simulateWork(run.stepMs * ENCODE_STEPS);
  switch (type) {
    case 'MODEL':
      return new Model(name);
    case 'CLIP':
      return new Clip(name);
    case 'VAE':
      return new Vae(name);
    case 'CONDITIONING':
      return new Conditioning(textOf(run.classType, inputs), referenceOf(inputs));
    case 'LATENT':
      return await latentOf(inputs, run);
    case 'IMAGE':
      return new Images([solid(TINY_PX, TINY_PX, 0)]);
    case 'MASK':
      return new Masks([{ width: TINY_PX, height: TINY_PX, channels: 1, data: new Uint8Array(TINY_PX ** 2) }]);
    case 'AUDIO':
      return soundOf(Number(inputs.duration ?? inputs.seconds ?? 1), name);
    case 'VIDEO':
      return new Video(inputs.images as Images, Number(inputs.fps), inputs.audio as Sound | undefined);
    case 'SIGMAS':
      return new Sigmas(Number(inputs.steps ?? 1), Number(inputs.denoise ?? 1));
    case 'NOISE':
      return new Noise(inputs.noise_seed ?? 0);
    case 'GUIDER':
      return guiderOf(inputs);
    default:
      return new Handle(type, name);
  }
}

/** The first file of a model folder that the inputs name, else the class. */
function nameIn(classType: string, inputs: Inputs): string {
  const files = Object.entries(entries[classType]?.required ?? {}).filter(
    ([, spec]) => (spec[1]?.folder ?? (spec[0] as { folder?: string }).folder) !== undefined,
  );
  return String(inputs[files[0]?.[0] ?? ''] ?? classType);
}

/** The texts of a prompt, each once. */
function textOf(classType: string, inputs: Inputs): string {
  const specs = Object.entries(entries[classType]?.required ?? {}).filter(([, [type]]) => type === 'STRING');
  return [...new Set(specs.map(([name]) => String(inputs[name] ?? '')))].join(' ');
}

/** The picture that an edit starts from. */
function referenceOf(inputs: Inputs): Conditioning['reference'] {
  const images = Object.values(inputs).find((value) => value instanceof Images);
  const [first] = images?.frames ?? [];
  return first && memoize(async () => first);
}

async function latentOf(inputs: Inputs, run: NodeRun): Promise<Latent> {
  const images = Object.values(inputs).find((value) => value instanceof Images);
  if (images && inputs.width === undefined) return await encode(images, new Vae(''), run);
  // A latent pixel covers 8 × 8 pixels.
  const side = (value: unknown) => (value === undefined ? TINY_PX : Math.floor(Number(value) / 8) * 8);
  const [width, height] = [side(inputs.width), side(inputs.height)];
  const [first] = images?.frames ?? [];
  const frame = memoize(async () => first ?? solid(width, height, 0x807a70));
  const count = Number(inputs.batch_size ?? 1);
  const seconds = inputs.seconds ?? (inputs.frame_rate && Number(inputs.frames_number) / Number(inputs.frame_rate));
  const parts = {
    ...(inputs.length !== undefined && { length: Number(inputs.length) }),
    ...(seconds !== undefined && { seconds: Number(seconds) }),
  };
  return new Latent(width, height, Array(count).fill(frame), first ? 'noisy' : 'blank', parts);
}

export const soundOf = (seconds: number, key: string): Sound => new Sound(seconds, 220 + (hash(key) % 440));

function guiderOf(inputs: Inputs): Guider {
  const positive = (inputs.positive ?? inputs.conditioning ?? inputs.cond1) as Conditioning;
  return new Guider(inputs.model as Model, positive, (inputs.negative as Conditioning) ?? new Conditioning(''));
}
