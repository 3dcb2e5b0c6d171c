/** What an input means to people, by its name and its class: its role gives its name and its place in the form. */
import type { NodeInfo } from '../../../comfyui/protocol/protocol.js';
import type { ClassInput } from '../ui/class-inputs.js';

export type Role = {
  /** The name of the input, if it is the only one of its role. */
  name: string;
  title: string;
  isAdvanced?: boolean;
};

/** In the order of the form. */
export const ORDER = `prompt negative_prompt image mask video audio file model lora lora_strength width height length
  duration batch_size seed steps guidance sampler scheduler denoise`.split(/\s+/);

const SIMPLE: Record<string, Role> = {
  steps: { name: 'steps', title: 'Steps' },
  cfg: { name: 'guidance', title: 'Guidance' },
  guidance: { name: 'guidance', title: 'Guidance' },
  sampler_name: { name: 'sampler', title: 'Sampler', isAdvanced: true },
  scheduler: { name: 'scheduler', title: 'Scheduler', isAdvanced: true },
  denoise: { name: 'denoise', title: 'Denoise', isAdvanced: true },
  strength_model: { name: 'lora_strength', title: 'LoRA strength' },
};
/** Only where the node makes what is drawn on. */
const OF_LATENTS: Record<string, Role> = {
  width: { name: 'width', title: 'Width' },
  height: { name: 'height', title: 'Height' },
  length: { name: 'length', title: 'Length' },
  seconds: { name: 'duration', title: 'Duration' },
  batch_size: { name: 'batch_size', title: 'Batch size', isAdvanced: true },
};
/** By what the loader gives. */
const MODELS: Record<string, Role> = {
  MODEL: { name: 'model', title: 'Model' },
  VAE: { name: 'vae', title: 'VAE', isAdvanced: true },
  CLIP: { name: 'text_encoder', title: 'Text encoder', isAdvanced: true },
  CONTROL_NET: { name: 'controlnet', title: 'ControlNet', isAdvanced: true },
};
const LORA: Role = { name: 'lora', title: 'LoRA' };

const SIZED = new Set<unknown>(['LATENT', 'SIGMAS', 'MODEL', 'GUIDER']);
const MODEL_FILE = /\.(safetensors|sft|ckpt|pth?|bin|gguf|onnx|pkl)$/i;

export const isSeed = ({ name, type }: ClassInput): boolean => type === 'INT' && /(^|[._])(noise_)?seed$/.test(name);

/** Whether a list has the files of a folder: by its name, its value, or what it offers. */
export function isModelList({ name, type, choices }: ClassInput, value: unknown): boolean {
  if (type !== 'COMBO') return false;
  if (/^(ckpt|unet|vae|clip|lora|control_net)_name\d?$/.test(name) || MODEL_FILE.test(String(value))) return true;
  return choices?.some((choice) => typeof choice === 'string' && MODEL_FILE.test(choice)) ?? false;
}

/** The kind of file that the user gives; undefined if the input takes none. */
export function uploadOf(
  { options }: ClassInput,
  { output }: NodeInfo,
): 'IMAGE' | 'MASK' | 'VIDEO' | 'AUDIO' | 'FILE' | undefined {
  if (options.image_upload || options.animated_image_upload) return output?.[0] === 'MASK' ? 'MASK' : 'IMAGE';
  if (options.video_upload) return 'VIDEO';
  if (options.audio_upload) return 'AUDIO';
  return options.file_upload ? 'FILE' : undefined;
}

/** Undefined for inputs that no form needs. */
export function roleOf(input: ClassInput, info: NodeInfo, value: unknown): Role | undefined {
  const upload = uploadOf(input, info);
  if (upload) return { name: upload.toLowerCase(), title: upload.charAt(0) + upload.slice(1).toLowerCase() };
  const own = (roles: Record<string, Role>, key = input.name) => (Object.hasOwn(roles, key) ? roles[key] : undefined);
  if (isModelList(input, value)) {
    if (/lora/i.test(input.name)) return LORA;
    const type = String(info.output?.[0] ?? 'MODEL');
    const name = type.toLowerCase();
    return own(MODELS, type) ?? { name, title: titled(name), isAdvanced: true };
  }
  if (isSeed(input)) return { name: 'seed', title: 'Seed' };
  const isOfLatents = info.output?.some((type) => SIZED.has(type));
  return own(SIMPLE) ?? (isOfLatents && input.type !== 'STRING' ? own(OF_LATENTS) : undefined);
}

/** `frame_rate` → Frame rate. */
export const titled = (name: string): string => {
  const words = name.replaceAll(/[._\s]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
