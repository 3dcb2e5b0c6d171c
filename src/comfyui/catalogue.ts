/** Reads ComfyUI's class catalogue: which values an input takes, and which model files a server has. */
import { isNumber, isObject, isString, own } from './json.js';
import type { Graph, InputSpec, ObjectInfo } from './protocol.js';
import type { Rules } from './rules.js';

export type ModelKind = 'CHECKPOINT' | 'DIFFUSION_MODEL' | 'TEXT_ENCODER' | 'LORA' | 'VAE' | 'UPSCALER' | 'CONTROLNET';

/** The path of a file within its kind's folder, as the loader's input takes it. */
export type ModelFile = { kind: ModelKind; filename: string };

export type Bounds = { min?: number; max?: number; step?: number; default?: number };

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

/** The values that a choice takes, in both forms it comes in; undefined where the input is none, or is not there. */
export function choices(info: ObjectInfo, className: string, input: string): string[] | undefined {
  const [type, options] = specOf(info, className, input) ?? [];
  const values = type === 'COMBO' ? options?.options : type;
  return Array.isArray(values) ? values.filter(isString) : undefined;
}

/** What a number must be. Integers beyond 2^53, such as the bounds of seeds, are rounded. Undefined where the input is not there. */
export function bounds(info: ObjectInfo, className: string, input: string): Bounds | undefined {
  const spec = specOf(info, className, input);
  if (!spec) return undefined;
  const { min, max, step, default: initial } = isObject(spec[1]) ? spec[1] : {};
  return {
    ...(isNumber(min) && { min }),
    ...(isNumber(max) && { max }),
    ...(isNumber(step) && { step }),
    ...(isNumber(initial) && { default: initial }),
  };
}

/** Every model file that the server offers, each once per kind. */
export const modelFiles = (info: ObjectInfo): ModelFile[] =>
  listFiles((className, input) => choices(info, className, input));

/** The same of rules. */
export const filesOfRules = (rules: Rules): ModelFile[] =>
  listFiles((className, input) => [...(rules.get(className)?.get(input)?.choices ?? [])].filter(isString));

/** Whether `loadedFiles` names this input's value. */
export const isLoadedFile = (className: string, input: string, value: unknown): boolean =>
  isString(value) &&
  HAS_EXTENSION.test(value) &&
  LOADERS.some((loader) => loader.className === className && loader.input === input);

function listFiles(list: (className: string, input: string) => string[] | undefined): ModelFile[] {
  return LOADERS.flatMap(({ kind, className, input }) =>
    [...new Set(list(className, input))]
      .filter((filename) => HAS_EXTENSION.test(filename))
      .map((filename) => ({ kind, filename })),
  );
}

/** The model files that a graph names in the classes above, as often as it does. */
export function loadedFiles(graph: Graph): ModelFile[] {
  return Object.values(graph).flatMap(({ class_type, inputs }) =>
    LOADERS.filter(({ className }) => className === class_type).flatMap(({ kind, input }) => {
      const filename = inputs[input];
      return isString(filename) && HAS_EXTENSION.test(filename) ? [{ kind, filename }] : [];
    }),
  );
}

function specOf(info: ObjectInfo, className: string, input: string): InputSpec | undefined {
  const { required = {}, optional = {} } = own(info, className)?.input ?? {};
  return own(required, input) ?? own(optional, input);
}
