/** What the inputs of node classes depend on: the version and the available models. */
import type { Version } from '../version.js';

export type ModelCatalog = {
  version: Version;
  checkpoints: string[];
  loras: string[];
  vaes: string[];
  embeddings: string[];
  /** File names by folder, for all folders. */
  folders: Record<string, string[]>;
  /** Samplers that custom nodes add. */
  samplers: string[];
  /** File names in the top level of the input folder. */
  inputs(): string[];
};

/** The folders of ComfyUI that have no files by default. */
const EMPTY = [
  'text_encoders',
  'diffusion_models',
  'clip_vision',
  'style_models',
  'diffusers',
  'vae_approx',
  'controlnet',
  'gligen',
  'upscale_models',
  'latent_upscale_models',
  'hypernetworks',
  'photomaker',
  'classifiers',
  'model_patches',
  'audio_encoders',
];

type Files = Pick<ModelCatalog, 'checkpoints' | 'loras' | 'vaes' | 'embeddings' | 'folders'>;

export const modelFolders = ({ checkpoints, loras, vaes, embeddings, folders }: Files): Record<string, string[]> => ({
  ...Object.fromEntries(EMPTY.map((folder): [string, string[]] => [folder, []])),
  ...folders,
  checkpoints,
  loras,
  vae: vaes.filter((name) => name !== 'pixel_space'),
  embeddings: embeddings.map((name) => `${name}.safetensors`),
});
