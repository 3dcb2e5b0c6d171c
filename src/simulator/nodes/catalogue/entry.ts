/** The table of node classes: facts of ComfyUI 0.33.0, one class a line. */
import type { InputSpec } from '../../../comfyui/protocol/protocol.js';
import type { ModelCatalog } from '../model-catalog.js';
import type { NodeInputs } from '../node.js';
import { samplers } from '../sampling/sampler-names.js';
import classes from './classes.json' with { type: 'json' };

/**
 * Inputs are as in `/object_info`, except for choices that depend on the server: `folder` stands for the files of a model folder, `inputs` for
 * files of the input folder, `list` for the samplers. A bound beyond 2^53 is a string.
 */
export type Entry = NodeInputs & {
  output: string[];
  outputName?: string[];
  isOutput?: boolean;
  isV3?: boolean;
  displayName: string | null;
  category: string;
  module: string;
};

export const entries = classes as unknown as Readonly<Record<string, Entry>>;

/** The media whose files an input of the input folder lists, by extension. */
const MEDIA: Record<string, RegExp> = {
  image: /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i,
  audio: /\.(wav|flac|mp3|ogg|opus|m4a|mp4|webm)$/i,
  video: /\.(mp4|webm|mkv|mov|gif)$/i,
};

type Marked = { folder?: string; inputs?: string; list?: string };

/** The inputs with the choices of this server. */
export function inputsOfEntry({ required, optional, hidden }: Entry, catalog: ModelCatalog): NodeInputs {
  const resolve = (specs: Record<string, InputSpec>) =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, resolved(spec, catalog)]));
  return {
    ...(required && { required: resolve(required) }),
    ...(optional && { optional: resolve(optional) }),
    ...(hidden && { hidden }),
  };
}

function resolved([type, options]: InputSpec, catalog: ModelCatalog): InputSpec {
  if (typeof type === 'object' && !Array.isArray(type)) return withOptions(choicesOf(type as Marked, catalog), options);
  if (type === 'INT' && options) return [type, { ...options, ...bounds(options) }];
  const { folder, inputs, list, ...rest } = (options ?? {}) as Marked & Record<string, unknown>;
  if (type !== 'COMBO' || !(folder ?? inputs ?? list)) return withOptions(type, options);
  return [type, { ...rest, options: choicesOf({ folder, inputs, list } as Marked, catalog) }];
}

const withOptions = (type: InputSpec[0], options: InputSpec[1]): InputSpec => (options ? [type, options] : [type]);

function choicesOf({ folder, inputs }: Marked, catalog: ModelCatalog): string[] {
  if (folder !== undefined) return catalog.folders[folder] ?? [];
  if (inputs !== undefined) return catalog.inputs().filter((name) => MEDIA[inputs]?.test(name));
  return samplers(catalog);
}

const bounds = (options: Record<string, unknown>): Record<string, bigint> =>
  Object.fromEntries(
    ['min', 'max'].flatMap((name) => (typeof options[name] === 'string' ? [[name, BigInt(options[name])]] : [])),
  );
