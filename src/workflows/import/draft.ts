/** What an imported document holds, before anything is saved. */
import type { Graph } from '../../comfyui/protocol/protocol.js';

/** IMAGE: a picture, video or sound that carries its workflow. */
export type DocumentFormat = 'API' | 'UI' | 'IMAGE';

export type Draft = {
  format: DocumentFormat;
  graph: Graph;
  /** In the order of the form. Names are unique. */
  inputs: DraftInput[];
  outputs: DraftOutput[];
  /** What could not be carried over; empty if nothing was lost. */
  problems: Problem[];
};

export type DraftInputType =
  | 'STRING'
  | 'INT'
  | 'FLOAT'
  | 'BOOLEAN'
  | 'SEED'
  | 'CHOICE'
  | 'MODEL'
  | 'IMAGE'
  | 'MASK'
  | 'VIDEO'
  | 'AUDIO'
  | 'FILE';

/** One place in the graph. */
export type Place = { nodeId: string; input: string };

export type DraftInput = {
  /** Letters, digits and underscores, such as `negative_prompt`. */
  name: string;
  title: string;
  type: DraftInputType;
  /** All places that the value goes to; at least one. They hold equal values now. */
  bindings: [Place, ...Place[]];
  /** Whether the graph has no value of its own to fall back on: a file that lies on the author's ComfyUI. */
  required: boolean;
  /** The value in the graph. A SEED is a decimal string. Undefined if `required`. */
  default: string | number | boolean | undefined;
  min: number | undefined;
  max: number | undefined;
  step: number | undefined;
  choices: string[] | undefined;
  isMultiline: boolean;
  isAdvanced: boolean;
};

export type OutputKind = 'IMAGE' | 'VIDEO' | 'AUDIO' | 'MODEL_3D' | 'TEXT' | 'LATENT' | 'FILE';

export type DraftOutput = { name: string; title: string; kind: OutputKind; nodeId: string };

export type ProblemCode =
  /** The catalogue lacks the class. */
  | 'UNKNOWN_CLASS'
  /** Values that only a position in the file identifies, for a class that the catalogue lacks or describes differently. */
  | 'UNNAMED_VALUES'
  /** A value of the wrong type for its input. */
  | 'WRONG_VALUE'
  /** A link, node or slot that the document mentions and does not have. */
  | 'BROKEN_LINK'
  /** A required input whose source is muted. */
  | 'MUTED_SOURCE'
  /** Links that form a ring. */
  | 'CYCLE'
  /** Two nodes have one id. */
  | 'DUPLICATE_ID'
  /** An entry that is no node, or a name that cannot be used. */
  | 'MALFORMED'
  /** Only JavaScript of a custom package knows what the node does. */
  | 'NEEDS_BROWSER'
  /** ComfyUI's page computes the value anew for each run. */
  | 'FIXED_VALUE'
  /** A number that JavaScript cannot hold exactly. */
  | 'ROUNDED_NUMBER'
  /** The document holds a workflow and a prompt that disagree. */
  | 'DISAGREEMENT'
  /** An entry of the author's form that leads nowhere. */
  | 'STALE_FORM'
  /** No ComfyUI described the classes, so that no inputs are proposed. */
  | 'NO_CATALOGUE'
  /** ComfyUI would refuse the graph, although it has every class and model. */
  | 'REFUSED';

export type Problem = {
  code: ProblemCode;
  /** The id of the node in `graph`, or of a node that is not in it. */
  nodeId?: string;
  nodeType?: string;
  nodeTitle?: string;
  /** A sentence for people. */
  message: string;
};
