/** A workflow: named, typed inputs, and a function that builds a ComfyUI graph from their values. */
import type { Graph, ModelKind } from '../comfyui/index.js';

export type InputType = 'STRING' | 'INT' | 'FLOAT' | 'BOOLEAN' | 'SEED' | 'CHOICE' | 'MODEL' | 'LORAS' | 'IMAGE';

/** The entry of a backend's catalogue that lists the choices. */
type CatalogueEntry = { classType: string; input: string };

export type Input = {
  name: string;
  type: InputType;
  description: string;
  required?: boolean;
  default?: string | number | boolean;
  /** Bounds of a number, of the length of a STRING in characters, or of the number of LORAS. */
  min?: number;
  max?: number;
  step?: number;
  /** The choices of a CHOICE while no backend has listed its own. */
  choices?: readonly string[];
  catalogue?: CatalogueEntry;
  /** The kind of a MODEL; CHECKPOINT when left out. */
  modelKind?: ModelKind;
  /** Patterns of the files that fit, the best first: the value when the input is left out is such a file. See `preferred`. */
  prefers?: readonly string[];
  isAdvanced?: boolean;
};

/** One of the LORAS: `name` is the model's name, in the values of `build` its filename. */
export type Lora = { name: string; strength: number };

/**
 * The value of every input. A seed is a decimal string, a MODEL its filename, LORAS are `Lora[]` with filenames, an IMAGE the name that
 * ComfyUI returned for the upload.
 */
export type InputValues = Record<string, unknown>;

export type Workflow = {
  /** The id of this version, equal in every process. */
  id: string;
  name: string;
  title?: string;
  version: number;
  description: string;
  inputs: readonly Input[];
  /** `filenamePrefix` is unique for each attempt: it separates users, and keeps ComfyUI's cache from returning files of an earlier prompt. */
  build(values: InputValues, filenamePrefix: string): Graph;
};
