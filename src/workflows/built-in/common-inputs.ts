/** The inputs that the built-in workflows share, with the limits of the API contract. */
import { FOR_PICTURES } from '../preferred.js';
import type { Input } from '../workflow.js';

const MAX_PROMPT_LENGTH = 10_000;

export const prompt: Input = {
  name: 'prompt',
  type: 'STRING',
  description: 'What should be in the picture.',
  required: true,
  min: 1,
  max: MAX_PROMPT_LENGTH,
};

export const negativePrompt: Input = {
  name: 'negativePrompt',
  type: 'STRING',
  description: 'What should not be in the picture.',
  default: '',
  min: 0,
  max: MAX_PROMPT_LENGTH,
};

export const model: Input = {
  name: 'model',
  type: 'MODEL',
  description: 'The checkpoint to use.',
  prefers: [FOR_PICTURES, ''],
};

export const loras: Input = {
  name: 'loras',
  type: 'LORAS',
  description: 'LoRAs that modify the model, applied in this order.',
  max: 8,
};

export const seed: Input = {
  name: 'seed',
  type: 'SEED',
  description: 'The same seed with the same inputs makes the same picture. Random when left out.',
};

export const steps: Input = {
  name: 'steps',
  type: 'INT',
  description: 'The number of sampling steps.',
  default: 20,
  min: 1,
  max: 150,
  step: 1,
};

export const guidance: Input = {
  name: 'guidance',
  type: 'FLOAT',
  description: 'How closely to follow the prompt (cfg in ComfyUI).',
  default: 7,
  min: 0,
  max: 30,
};

export const sampler: Input = {
  name: 'sampler',
  type: 'CHOICE',
  description: 'The sampling method.',
  default: 'euler',
  choices: ['euler', 'euler_ancestral', 'heun', 'dpmpp_2m', 'dpmpp_2m_sde', 'dpmpp_sde', 'ddim', 'uni_pc', 'lcm'],
  catalogue: { classType: 'KSampler', input: 'sampler_name' },
};

export const scheduler: Input = {
  name: 'scheduler',
  type: 'CHOICE',
  description: 'How the noise is distributed over the steps.',
  default: 'normal',
  choices: ['simple', 'sgm_uniform', 'karras', 'exponential', 'ddim_uniform', 'beta', 'normal'],
  catalogue: { classType: 'KSampler', input: 'scheduler' },
};

const side = (name: 'width' | 'height'): Input => ({
  name,
  type: 'INT',
  description: `The picture's ${name} in pixels.`,
  default: 512,
  min: 64,
  max: 2048,
  step: 8,
});
export const width = side('width');
export const height = side('height');

/** The size of a picture that is made from a source: see `fillSourceSize`. */
const sourceSide = ({ default: _, ...input }: Input): Input => ({
  ...input,
  description: `${input.description} When left out, it follows the proportions of the source.`,
});
export const sourceWidth = sourceSide(width);
export const sourceHeight = sourceSide(height);

export const batchSize: Input = {
  name: 'batchSize',
  type: 'INT',
  description: 'The number of pictures to make.',
  default: 1,
  min: 1,
  max: 8,
  step: 1,
};

export const source: Input = {
  name: 'source',
  type: 'IMAGE',
  description: "The picture to start from: the id of one of the viewer's images.",
  required: true,
};

export const denoise: Input = {
  name: 'denoise',
  type: 'FLOAT',
  description: 'How much of `source` to repaint: 0 nothing, 1 everything.',
  default: 0.6,
  min: 0,
  max: 1,
};

export const lyrics: Input = {
  name: 'lyrics',
  type: 'STRING',
  description: 'The words of the song; an instrumental piece without them.',
  default: '',
  min: 0,
  max: MAX_PROMPT_LENGTH,
};

export const seconds: Input = {
  name: 'seconds',
  type: 'FLOAT',
  description: 'The duration in seconds.',
  default: 120,
  min: 1,
  max: 600,
};

export const length: Input = {
  name: 'length',
  type: 'INT',
  description: 'The number of frames of the video: a multiple of 4, and one.',
  default: 81,
  min: 1,
  max: 161,
  step: 4,
};
