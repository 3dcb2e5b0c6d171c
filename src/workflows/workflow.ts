/** A way of making pictures: named, typed inputs, and the ComfyUI graph that they become. */
import type { Graph } from '../comfyui/protocol/protocol.js';

export type InputType = 'STRING' | 'INT' | 'FLOAT' | 'BOOLEAN' | 'SEED' | 'CHOICE' | 'MODEL' | 'IMAGE';

/** Where a backend's catalogue says which choices there are. */
export type CatalogueEntry = { classType: string; input: string };

export type Input = {
  name: string;
  type: InputType;
  description: string;
  required?: boolean;
  default?: string | number | boolean;
  /** Bounds of a number; of a STRING its length in characters. */
  min?: number;
  max?: number;
  step?: number;
  /** For a CHOICE: what is shown while no backend has told its own. */
  choices?: readonly string[];
  catalogue?: CatalogueEntry;
};

/** Every input with the value that is used. Seeds are decimal strings, a MODEL is its filename, an IMAGE a name that ComfyUI gave. */
export type InputValues = Record<string, unknown>;

export type Workflow = {
  /** Of this one version, and the same in every process. */
  id: string;
  name: string;
  version: number;
  description: string;
  inputs: readonly Input[];
  /** `filenamePrefix` is unique for each attempt: it keeps tenants apart and defeats the cache that would answer with another's files. */
  build(values: InputValues, filenamePrefix: string): Graph;
};
