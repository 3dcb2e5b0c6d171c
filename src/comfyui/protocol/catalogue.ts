/** Model files: those that a server has, and those that a graph loads. */
import { isString } from './json/json.js';
import type { Graph } from './protocol.js';
import type { Rules } from './rules.js';

export type ModelKind = 'CHECKPOINT' | 'DIFFUSION_MODEL' | 'TEXT_ENCODER' | 'LORA' | 'VAE' | 'UPSCALER' | 'CONTROLNET';

/** `filename` is the path within the folder of its kind, as the loader's input takes it. */
export type ModelFile = { kind: ModelKind; filename: string };

/** ComfyUI lists files only as the choices of the classes that load them. All inputs of one kind list the same folder. */
const INPUTS: Record<ModelKind, Record<string, string[]>> = {
  CHECKPOINT: {
    CheckpointLoaderSimple: ['ckpt_name'],
    CheckpointLoader: ['ckpt_name'],
    unCLIPCheckpointLoader: ['ckpt_name'],
    ImageOnlyCheckpointLoader: ['ckpt_name'],
    LTXVAudioVAELoader: ['ckpt_name'],
    LTXAVTextEncoderLoader: ['ckpt_name'],
  },
  DIFFUSION_MODEL: { UNETLoader: ['unet_name'] },
  TEXT_ENCODER: {
    CLIPLoader: ['clip_name'],
    DualCLIPLoader: ['clip_name1', 'clip_name2'],
    TripleCLIPLoader: ['clip_name1', 'clip_name2', 'clip_name3'],
    QuadrupleCLIPLoader: ['clip_name1', 'clip_name2', 'clip_name3', 'clip_name4'],
    LTXAVTextEncoderLoader: ['text_encoder'],
  },
  LORA: {
    LoraLoader: ['lora_name'],
    LoraLoaderModelOnly: ['lora_name'],
    LoraLoaderBypass: ['lora_name'],
    LoraLoaderBypassModelOnly: ['lora_name'],
  },
  VAE: { VAELoader: ['vae_name'] },
  UPSCALER: { UpscaleModelLoader: ['model_name'] },
  CONTROLNET: { ControlNetLoader: ['control_net_name'], DiffControlNetLoader: ['control_net_name'] },
};

const LOADERS = Object.entries(INPUTS).flatMap(([kind, classes]) =>
  Object.entries(classes).flatMap(([className, inputs]) =>
    inputs.map((input) => ({ kind: kind as ModelKind, className, input })),
  ),
);

/** VAELoader also lists choices that are not files (`pixel_space`, `taesd`): they have no extension. */
const HAS_EXTENSION = /\.[^./\\]+$/;

/** All model files of a server, each once per kind. */
export function modelFiles(rules: Rules): ModelFile[] {
  const listed = LOADERS.flatMap(({ kind, className, input }) =>
    [...(rules.get(className)?.get(input)?.choices ?? [])]
      .filter((filename) => isString(filename))
      .filter((filename) => HAS_EXTENSION.test(filename))
      .map((filename) => ({ kind, filename })),
  );
  return [...new Map(listed.map((file) => [`${file.kind} ${file.filename}`, file])).values()];
}

/** Whether `loadedFiles` names this input's value. */
export const isLoadedFile = (className: string, input: string, value: unknown): boolean =>
  isString(value) &&
  HAS_EXTENSION.test(value) &&
  LOADERS.some((loader) => loader.className === className && loader.input === input);

/** The model files that a graph loads with the classes above; a file that is loaded twice comes twice. */
export function loadedFiles(graph: Graph): ModelFile[] {
  return Object.values(graph).flatMap(({ class_type, inputs }) =>
    LOADERS.filter(({ className }) => className === class_type).flatMap(({ kind, input }) => {
      const filename = inputs[input];
      return isString(filename) && HAS_EXTENSION.test(filename) ? [{ kind, filename }] : [];
    }),
  );
}
