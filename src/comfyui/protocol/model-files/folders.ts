/** ComfyUI's model folders: the kind of model in each, and the inputs of node classes that list them. */

export type ModelKind =
  | 'CHECKPOINT'
  | 'DIFFUSION_MODEL'
  | 'TEXT_ENCODER'
  | 'CLIP_VISION'
  | 'LORA'
  | 'VAE'
  | 'UPSCALER'
  | 'LATENT_UPSCALER'
  | 'CONTROLNET'
  | 'STYLE_MODEL'
  | 'MODEL_PATCH'
  | 'EMBEDDING'
  | 'OTHER';

/** The folder of each kind; OTHER stands for every further folder. */
const FOLDERS: Record<Exclude<ModelKind, 'OTHER'>, string> = {
  CHECKPOINT: 'checkpoints',
  DIFFUSION_MODEL: 'diffusion_models',
  TEXT_ENCODER: 'text_encoders',
  CLIP_VISION: 'clip_vision',
  LORA: 'loras',
  VAE: 'vae',
  UPSCALER: 'upscale_models',
  LATENT_UPSCALER: 'latent_upscale_models',
  CONTROLNET: 'controlnet',
  STYLE_MODEL: 'style_models',
  MODEL_PATCH: 'model_patches',
  EMBEDDING: 'embeddings',
};

const KINDS = new Map(Object.entries(FOLDERS).map(([kind, folder]) => [folder, kind as ModelKind]));

/** Other names of a folder: older ones, and those under which a pack of nodes lists the .gguf files of the same directory. */
const ALIASES = new Map([
  ['unet', 'diffusion_models'],
  ['unet_gguf', 'diffusion_models'],
  ['clip', 'text_encoders'],
  ['clip_gguf', 'text_encoders'],
]);

/** Inputs whose name alone does not tell the folder. */
const BY_CLASS = new Map([
  ['UpscaleModelLoader.model_name', 'upscale_models'],
  ['LatentUpscaleModelLoader.model_name', 'latent_upscale_models'],
  ['ModelPatchLoader.name', 'model_patches'],
  ['CLIPVisionLoader.clip_name', 'clip_vision'],
  ['LTXAVTextEncoderLoader.text_encoder', 'text_encoders'],
  ['FrameInterpolationModelLoader.model_name', 'frame_interpolation'],
  ['OpticalFlowLoader.model_name', 'optical_flow'],
  ['DiffusersLoader.model_path', 'diffusers'],
]);

/** Names of inputs that ComfyUI and packs of nodes use for the files of one folder. A digit may follow. */
const BY_INPUT = new Map([
  ['ckpt_name', 'checkpoints'],
  ['unet_name', 'diffusion_models'],
  ['clip_name', 'text_encoders'],
  ['lora_name', 'loras'],
  ['vae_name', 'vae'],
  ['control_net_name', 'controlnet'],
  ['style_model_name', 'style_models'],
  ['gligen_name', 'gligen'],
  ['hypernetwork_name', 'hypernetworks'],
  ['photomaker_model_name', 'photomaker'],
  ['audio_encoder_name', 'audio_encoders'],
  ['ipadapter_file', 'ipadapter'],
]);

/** OTHER for a folder without a kind of its own. */
export const kindOfFolder = (folder: string): ModelKind => KINDS.get(folder) ?? 'OTHER';

/** The folder of a kind; undefined for OTHER. */
export const folderOfKind = (kind: string): string | undefined =>
  Object.hasOwn(FOLDERS, kind) ? FOLDERS[kind as keyof typeof FOLDERS] : undefined;

/** The newest name of a folder. */
export const canonicalFolder = (folder: string): string => ALIASES.get(folder) ?? folder;

/** The folder that this input of a class is known to list. Undefined for an input of another class. */
export const folderByClass = (className: string, input: string): string | undefined =>
  BY_CLASS.get(`${className}.${input}`);

/** The folder that an input of this name usually lists, whatever its class. */
export const folderByName = (input: string): string | undefined => BY_INPUT.get(input.replace(/\d$/, ''));

/** The folder of an input by its class and name: a guess for a class that no catalogue describes. */
export const knownFolder = (className: string, input: string): string | undefined =>
  folderByClass(className, input) ?? folderByName(input);
