/** What a node class is: its inputs as the catalogue shows them, its outputs, and what it does. */
import type { FileItem, FileType, Graph, InputSpec, Link, NodeOutput } from '../../comfyui/protocol/protocol.js';
import type { Bitmap } from '../pictures/bitmap.js';
import { isSince, type Version } from '../version.js';

/** The largest side of a picture, ComfyUI's MAX_RESOLUTION. */
export const MAX_PX = 16384;

/** What the catalogue depends on. */
export type Shelf = {
  version: Version;
  checkpoints: string[];
  loras: string[];
  vaes: string[];
  embeddings: string[];
  /** Those that custom nodes added. */
  samplers: string[];
  /** Names in the input folder, its top level alone. */
  inputs(): string[];
};

export type NodeInputs = {
  required?: Record<string, InputSpec>;
  optional?: Record<string, InputSpec>;
  hidden?: Record<string, unknown>;
};

/** A node class. Tests may add their own. */
export type SimulatedNode = {
  input?: NodeInputs | ((shelf: Shelf) => NodeInputs);
  /** Types by slot. */
  output: string[];
  outputName?: string[];
  /** Newer versions let the node hand something on: the type and name of that output, which its run returns. */
  passes?: { type: string; name: string };
  isOutput?: boolean;
  /** Null where the real catalogue has null; the class name when it is not given. */
  displayName?: string | null | ((shelf: Shelf) => string | null);
  description?: string;
  category?: string;
  module?: string;
  tooltips?: (string | null)[];
  /** Defined with ComfyUI's newer node interface; its catalogue entry then has some more keys. */
  isNew?: boolean | ((shelf: Shelf) => boolean);
  /** Further keys of the catalogue entry. */
  extra?: Record<string, unknown> | ((shelf: Shelf) => Record<string, unknown>);
  /** Runs every time, or at least depends on more than its inputs: what this returns joins the cache's key. */
  changed?(inputs: Record<string, unknown>, files: Files): unknown;
  /** Replaces the check of the inputs named: true, or what is wrong. */
  check?: { inputs: string[]; run(inputs: Record<string, unknown>, files: Files): true | string };
  /** Asks for its own id, which joins the cache's key: the same node under another id is another. */
  usesId?: boolean;
  /** The name of the Python method, for the text of its TypeError. */
  method?: string;
  /** Throws a PythonError for the user's graph's faults. */
  run(inputs: Record<string, unknown>, run: NodeRun): Promise<NodeResult> | NodeResult;
};

export type NodeResult = {
  /** Values by slot. */
  outputs?: unknown[];
  /** What it shows: becomes `executed` and the history's outputs. */
  shows?: NodeOutput;
  /** A graph to run in its place. Ids are its own; `result` has a link into it for each slot. */
  expand?: { graph: Graph; result: (Link | unknown)[] };
};

/** Stands in an output for "whoever needs this does not run". With a message it is also told. */
export class ExecutionBlocker {
  constructor(readonly message: string | null) {}
}

/** The folders, as a node sees them. */
export type Files = {
  /** The file of an input's name, which may end in ` [output]`; undefined when there is none. */
  find(name: string): string | undefined;
  read(name: string): Promise<Buffer>;
  fingerprint(name: string): string;
  /** Returns what is to be told: an item for each file, unless a fault leaves it out. */
  save(request: SaveRequest): Promise<FileItem[]>;
};

/** A batch of files that share a prefix and get consecutive counters. */
export type SaveRequest = {
  type: FileType;
  prefix: string;
  size: { width: number; height: number };
  extension: string;
  files: Uint8Array[];
};

/** A picture to show in between; as JPEG unless it is to be a PNG. */
export type Preview = Bitmap | { png: Bitmap };

/** What a running node can reach. */
export type NodeRun = {
  id: string;
  classType: string;
  promptId: string;
  /** The graph as it runs, for metadata. */
  graph: Graph;
  extraData: Record<string, unknown>;
  files: Files;
  /** Kept for this node id and class from one prompt to the next. */
  memory: Map<string, unknown>;
  shelf: Shelf;
  /** Of one step of a sampler, in milliseconds. */
  stepMs: number;
  /** Whether anyone would see a preview now. */
  showsPreviews(): boolean;
  /** The longer side of previews. */
  previewPx: number;
  signal: AbortSignal;
  /** Tells of a step. Throws when it was interrupted. `preview` is scaled by the node and encoded by who sends it. */
  progress(value: number, max: number, preview?: Preview): Promise<void>;
  /** Says a text to every client. */
  say(text: string): void;
  /** Waits as long as work would take. */
  work(ms: number): Promise<void>;
};

export function inputsOf(node: SimulatedNode, shelf: Shelf): NodeInputs {
  return typeof node.input === 'function' ? node.input(shelf) : (node.input ?? {});
}

/** The types and names of a node's outputs by slot. */
export function outputsOf({ output, outputName, passes }: SimulatedNode, { version }: Shelf): [string, string][] {
  if (passes && isSince('0.33', version)) return [[passes.type, passes.name]];
  return output.map((type, slot) => [type, outputName?.[slot] ?? type]);
}

/** A choice in the form that the version has for nodes whose interface changed in between. */
export function choice({ version }: Shelf, options: string[]): InputSpec {
  return version === '0.3.64' ? [options] : ['COMBO', { multiselect: false, options }];
}

/** What the nodes of `nodes_images.py` have in common: newer versions define them with the newer interface. */
export function sinceImagesAreNew(displayName: string): Pick<SimulatedNode, 'module' | 'isNew' | 'displayName'> {
  return {
    module: 'comfy_extras.nodes_images',
    isNew: ({ version }) => version !== '0.3.64',
    displayName: ({ version }) => (version === '0.3.64' ? displayName : null),
  };
}
