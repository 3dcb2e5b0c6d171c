/** What the server has: nodes and models. */
import { describe, describeAll } from '../../nodes/object-info.js';
import { type Answer, type Exchange, empty, json } from './route.js';

export function objectInfo({ life, params: [name] }: Exchange): Answer {
  const { nodes } = life.world;
  if (name === undefined) return json(describeAll(nodes, life.shelf));
  const node = nodes.get(name);
  return json(node ? { [name]: describe(name, node, life.shelf) } : {});
}

export function models({ life, params: [folder] }: Exchange): Answer {
  const { checkpoints, loras, vaes, embeddings } = life.shelf;
  const folders: Record<string, string[]> = {
    checkpoints,
    loras,
    vae: vaes.filter((name) => name !== 'pixel_space'),
    text_encoders: [],
    diffusion_models: [],
    clip_vision: [],
    style_models: [],
    embeddings: embeddings.map((name) => `${name}.safetensors`),
    diffusers: [],
    vae_approx: [],
    controlnet: [],
    gligen: [],
    upscale_models: [],
    hypernetworks: [],
    photomaker: [],
    classifiers: [],
    model_patches: [],
    audio_encoders: [],
  };
  if (folder === undefined) return json(Object.keys(folders));
  return Object.hasOwn(folders, folder) ? json(folders[folder]) : empty(404);
}

export function embeddings({ life }: Exchange): Answer {
  return json(life.shelf.embeddings);
}
