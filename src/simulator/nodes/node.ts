/** A node class: its inputs as `/object_info` lists them, its outputs, and its `run`. */
import type { FileItem, FileType, Graph, InputSpec, Link, NodeOutput } from '../../comfyui/protocol/protocol.js';
import type { Bitmap } from '../pictures/bitmap.js';
import { isSince } from '../version.js';
import type { ModelCatalog } from './model-catalog.js';

/** The largest side of a picture, ComfyUI's MAX_RESOLUTION. */
export const MAX_PX = 16384;

export type NodeInputs = {
  required?: Record<string, InputSpec>;
  optional?: Record<string, InputSpec>;
  hidden?: Record<string, unknown>;
};

/** Tests may add their own classes. */
export type SimulatedNode = {
  input?: NodeInputs | ((catalog: ModelCatalog) => NodeInputs);
  /** Types by slot. */
  output: string[];
  outputName?: string[];
  /** The output of an output node in newer versions, which `run` returns. */
  passthrough?: { type: string; name: string };
  isOutput?: boolean;
  /** Null where ComfyUI has null; by default the class name. */
  displayName?: string | null | ((catalog: ModelCatalog) => string | null);
  description?: string;
  category?: string;
  module?: string;
  tooltips?: (string | null)[];
  /** Defined with ComfyUI's V3 schema; its `/object_info` entry then has more keys. */
  isV3?: boolean | ((catalog: ModelCatalog) => boolean);
  /** Additional keys of the `/object_info` entry. */
  extra?: Record<string, unknown> | ((catalog: ModelCatalog) => Record<string, unknown>);
  /** ComfyUI's IS_CHANGED: the returned value becomes part of the cache key. */
  cacheKey?(inputs: Record<string, unknown>, files: Files): unknown;
  /** ComfyUI's VALIDATE_INPUTS: replaces the validation of these inputs. Returns true or the error. */
  customValidation?: { inputs: string[]; run(inputs: Record<string, unknown>, files: Files): true | string };
  /** Whether the node's id is part of the cache key, because the node uses it. */
  usesId?: boolean;
  /** The name of the Python method, for the message of its TypeError. */
  method?: string;
  /** Throws a PythonError for an error in the user's graph. */
  run(inputs: Record<string, unknown>, run: NodeRun): Promise<NodeResult> | NodeResult;
};

export type NodeResult = {
  /** Values by slot. */
  outputs?: unknown[];
  /** UI output: published as `executed` and stored in the history. */
  ui?: NodeOutput;
  /** A graph to run in place of the node, with its own ids; `result` has a link or value for each slot. */
  expand?: { graph: Graph; result: (Link | unknown)[] };
};

/** As an output value it skips the nodes that depend on it. A message is also published. */
export class ExecutionBlocker {
  constructor(readonly message: string | null) {}
}

/** The folders, as nodes access them. */
export type Files = {
  /** The path of an existing file; undefined when there is none. The name may end in ` [output]`. */
  find(name: string): string | undefined;
  read(name: string): Promise<Buffer>;
  fingerprint(name: string): string;
  /** Returns an item for each file, unless a fault drops it. */
  save(request: SaveRequest): Promise<FileItem[]>;
};

/** A batch of files that share a prefix and get consecutive counters. */
export type SaveRequest = {
  type: FileType;
  prefix: string;
  size: { width: number; height: number };
  extension: string;
  files: Uint8Array[];
  /** Whether no underscore follows the counter, as newer savers have it. */
  isBare?: boolean;
};

/** A preview picture; sent as JPEG unless it is marked as PNG. */
export type Preview = Bitmap | { png: Bitmap };

/** What a running node can use. */
export type NodeRun = {
  id: string;
  classType: string;
  promptId: string;
  /** The running graph, for metadata. */
  graph: Graph;
  extraData: Record<string, unknown>;
  files: Files;
  /** State of the node instance, kept across prompts by id and class. */
  memory: Map<string, unknown>;
  catalog: ModelCatalog;
  /** Duration of a sampler step in milliseconds. */
  stepMs: number;
  /** Whether a preview would be sent now. */
  hasPreviewViewer(): boolean;
  /** The longer side of previews in pixels. */
  previewPx: number;
  signal: AbortSignal;
  /** Publishes a step. Throws Interrupted. The node scales `preview`; the context encodes it. */
  progress(value: number, max: number, preview?: Preview): Promise<void>;
  /** Sends a text to every client. */
  sendText(text: string): void;
  /** Waits as long as the real work would take. */
  simulateWork(ms: number): Promise<void>;
};

export function inputsOf(node: SimulatedNode, catalog: ModelCatalog): NodeInputs {
  return typeof node.input === 'function' ? node.input(catalog) : (node.input ?? {});
}

/** Types and names of a node's outputs by slot. */
export function outputsOf(
  { output, outputName, passthrough }: SimulatedNode,
  { version }: ModelCatalog,
): [string, string][] {
  if (passthrough && isSince('0.33', version)) return [[passthrough.type, passthrough.name]];
  return output.map((type, slot) => [type, outputName?.[slot] ?? type]);
}

/** A choice in the version's form, for nodes that moved to the V3 schema. */
export function choice({ version }: ModelCatalog, options: string[]): InputSpec {
  return version === '0.3.64' ? [options] : ['COMBO', { multiselect: false, options }];
}

/** Common fields of the nodes in `nodes_images.py`: newer versions define them with the V3 schema. */
export function imageNodeV3(displayName: string): Pick<SimulatedNode, 'module' | 'isV3' | 'displayName'> {
  return {
    module: 'comfy_extras.nodes_images',
    isV3: ({ version }) => version !== '0.3.64',
    displayName: ({ version }) => (version === '0.3.64' ? displayName : null),
  };
}
