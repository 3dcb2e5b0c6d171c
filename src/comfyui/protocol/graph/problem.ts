/** A reason why ComfyUI would not run a graph. */
import type { NodeId } from '../protocol.js';

export type ProblemKind =
  | 'malformed_node'
  | 'unknown_class'
  | 'missing_model'
  | 'undeclared_input'
  | 'missing_input'
  | 'malformed_link'
  | 'missing_node'
  | 'missing_slot'
  | 'wrong_type'
  | 'wrong_value'
  | 'cycle'
  | 'no_output'
  | 'too_large';

/** A node class or a model file that a server lacks. */
export type MissingName = {
  kind: 'NODE' | 'MODEL';
  /** Of a model: the path within its folder. */
  name: string;
  /** The model's folder, if it is known. */
  folder?: string;
};

export type Problem = {
  kind: ProblemKind;
  /** Undefined for a problem of the whole graph. */
  nodeId?: NodeId;
  /** The input with the problem; undefined if the node itself has it. */
  input?: string;
  /** A sentence for the author of the graph. */
  message: string;
  /** What an unknown class or a missing model lacks. */
  missing?: MissingName;
};
