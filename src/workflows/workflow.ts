/** A workflow: named, typed inputs, and a function that builds a ComfyUI graph from their values. */
import type { Graph, ModelKind } from '../comfyui/index.js';

/** Inputs of these types take the id of one of the viewer's files. */
export const FILE_TYPES = ['IMAGE', 'MASK', 'VIDEO', 'AUDIO', 'FILE'] as const;
export type FileInputType = (typeof FILE_TYPES)[number];

export type InputType = 'STRING' | 'INT' | 'FLOAT' | 'BOOLEAN' | 'SEED' | 'CHOICE' | 'MODEL' | 'LORAS' | FileInputType;

export const isFileType = (type: InputType): type is FileInputType => (FILE_TYPES as readonly string[]).includes(type);

/** The entry of a backend's catalogue that lists the choices. */
type CatalogueEntry = { classType: string; input: string };

export type Input = {
  name: string;
  type: InputType;
  title?: string;
  description?: string;
  required?: boolean;
  /** Of LORAS a list. */
  default?: string | number | boolean | readonly Lora[];
  /** Bounds of a number, of the length of a STRING in characters, or of the number of LORAS. */
  min?: number;
  max?: number;
  step?: number;
  /** The choices of a CHOICE while no backend has listed its own; with no `catalogue` the only ones. */
  choices?: readonly string[];
  catalogue?: CatalogueEntry;
  isMultiline?: boolean;
  /** The kind of a MODEL; CHECKPOINT when left out. */
  modelKind?: ModelKind;
  /** Patterns of the files that fit, the best first: the value when the input is left out is such a file. See `preferred`. */
  prefers?: readonly string[];
  group?: string;
  isAdvanced?: boolean;
};

export type OutputKind = 'IMAGE' | 'VIDEO' | 'AUDIO' | 'MODEL_3D' | 'TEXT' | 'LATENT' | 'FILE';

/** A node whose files or texts are kept. */
export type Output = { name: string; title: string; kind: OutputKind; nodeId: string };

/** One of the LORAS: `name` is the model's name, in the values of `build` its filename. */
export type Lora = { name: string; strength: number };

/**
 * The value of every input. A seed is a decimal string, a MODEL its filename, LORAS are `Lora[]` with filenames, a file the name that
 * ComfyUI returned for the upload.
 */
export type InputValues = Record<string, unknown>;

export type Workflow = {
  /** The id of this version, equal in every process. */
  id: string;
  name: string;
  title?: string;
  version: number;
  description?: string;
  inputs: readonly Input[];
  outputs: readonly Output[];
  /** `filenamePrefix` is unique for each attempt: it separates users, and keeps ComfyUI's cache from returning files of an earlier prompt. */
  build(values: InputValues, filenamePrefix: string): Graph;
  /** Undefined for a built-in workflow, which is code. */
  saved?: SavedPart;
};

/** A place in a graph that takes the value of an input. */
export type Place = { nodeId: string; input: string };

export type SavedPart = {
  /** Null once the owner's account is deleted. */
  ownerId: string | null;
  isShared: boolean;
  /** False for a workflow that only keeps a graph of `createGeneration`. */
  isListed: boolean;
  /** Whether an admin wrote it: its graph may contain every class, and names of files. */
  isTrusted: boolean;
  graph: Graph;
  /** By the name of the input. */
  places: ReadonlyMap<string, readonly Place[]>;
  /** In PostgreSQL's text format. */
  createdAt: string;
};

/** Whether the user may read the workflow and create generations with it. */
export const isUsableBy = ({ saved }: Workflow, userId: string): boolean =>
  saved === undefined || saved.isShared || saved.ownerId === userId;

/** The workflow's seed: its input `seed`, else its first SEED. */
export const seedInputOf = ({ inputs }: Workflow): Input | undefined => firstNamed(inputs, 'SEED', 'seed');

const firstNamed = (inputs: readonly Input[], type: InputType, name: string): Input | undefined => {
  const all = inputs.filter((input) => input.type === type);
  return all.find((input) => input.name === name) ?? all[0];
};
