/** Which model files a server has, and which a graph loads. */
import { isString } from './json.js';
import type { Graph } from './protocol.js';
import type { Rules } from './rules.js';

export type ModelKind = 'CHECKPOINT' | 'DIFFUSION_MODEL' | 'TEXT_ENCODER' | 'LORA' | 'VAE' | 'UPSCALER' | 'CONTROLNET';

/** The path of a file within its kind's folder, as the loader's input takes it. */
export type ModelFile = { kind: ModelKind; filename: string };

/** ComfyUI lists its files only as the choices of the classes that load them. */
const LOADERS: { kind: ModelKind; className: string; input: string }[] = [
  { kind: 'CHECKPOINT', className: 'CheckpointLoaderSimple', input: 'ckpt_name' },
  { kind: 'DIFFUSION_MODEL', className: 'UNETLoader', input: 'unet_name' },
  { kind: 'TEXT_ENCODER', className: 'CLIPLoader', input: 'clip_name' },
  { kind: 'LORA', className: 'LoraLoader', input: 'lora_name' },
  { kind: 'VAE', className: 'VAELoader', input: 'vae_name' },
  { kind: 'UPSCALER', className: 'UpscaleModelLoader', input: 'model_name' },
  { kind: 'CONTROLNET', className: 'ControlNetLoader', input: 'control_net_name' },
];

/** VAELoader also offers what is no file of its own (`pixel_space`, `taesd`): those have no extension. */
const HAS_EXTENSION = /\.[^./\\]+$/;

/** Every model file that the server offers, each once per kind. */
export const modelFiles = (rules: Rules): ModelFile[] =>
  LOADERS.flatMap(({ kind, className, input }) =>
    [...(rules.get(className)?.get(input)?.choices ?? [])]
      .filter((filename) => isString(filename))
      .filter((filename) => HAS_EXTENSION.test(filename))
      .map((filename) => ({ kind, filename })),
  );

/** Whether `loadedFiles` names this input's value. */
export const isLoadedFile = (className: string, input: string, value: unknown): boolean =>
  isString(value) &&
  HAS_EXTENSION.test(value) &&
  LOADERS.some((loader) => loader.className === className && loader.input === input);

/** The model files that a graph names in the classes above, as often as it does. */
export function loadedFiles(graph: Graph): ModelFile[] {
  return Object.values(graph).flatMap(({ class_type, inputs }) =>
    LOADERS.filter(({ className }) => className === class_type).flatMap(({ kind, input }) => {
      const filename = inputs[input];
      return isString(filename) && HAS_EXTENSION.test(filename) ? [{ kind, filename }] : [];
    }),
  );
}
