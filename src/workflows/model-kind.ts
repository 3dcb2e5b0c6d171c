/** The kinds of models. */
import { registerEnumType } from 'type-graphql';

export enum ModelKind {
  CHECKPOINT = 'CHECKPOINT',
  DIFFUSION_MODEL = 'DIFFUSION_MODEL',
  TEXT_ENCODER = 'TEXT_ENCODER',
  CLIP_VISION = 'CLIP_VISION',
  LORA = 'LORA',
  VAE = 'VAE',
  UPSCALER = 'UPSCALER',
  LATENT_UPSCALER = 'LATENT_UPSCALER',
  CONTROLNET = 'CONTROLNET',
  STYLE_MODEL = 'STYLE_MODEL',
  MODEL_PATCH = 'MODEL_PATCH',
  EMBEDDING = 'EMBEDDING',
  OTHER = 'OTHER',
}
registerEnumType(ModelKind, {
  name: 'ModelKind',
  description: 'The purpose of a model file, by the folder of ComfyUI that it is in.',
  valuesConfig: {
    CHECKPOINT: { description: 'A complete model: diffusion model, text encoder and VAE.' },
    DIFFUSION_MODEL: { description: 'A diffusion model alone, without text encoder and VAE.' },
    TEXT_ENCODER: { description: 'Encodes the prompt for a diffusion model.' },
    CLIP_VISION: { description: 'Describes a picture to another model.' },
    LORA: { description: 'A small modification of another model.' },
    VAE: { description: 'Converts latents to pictures and back.' },
    UPSCALER: { description: 'Enlarges pictures.' },
    LATENT_UPSCALER: { description: 'Enlarges latents.' },
    CONTROLNET: { description: 'Guides a picture by a pose, an outline or a depth map.' },
    STYLE_MODEL: { description: 'Transfers the style of a picture.' },
    MODEL_PATCH: { description: 'Adds an ability, such as control by a picture, to a diffusion model.' },
    EMBEDDING: { description: 'A learned word for use in a prompt, as `embedding:name`.' },
    OTHER: { description: 'A model of another folder, such as one of a pack of custom nodes: see `folder`.' },
  },
});
