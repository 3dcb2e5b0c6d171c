/**
 * Checks a graph before it is queued, as ComfyUI does it, quirks included: the classes of all nodes, and the inputs of those
 * that lead to an output node. Says what is wrong in ComfyUI's words.
 */
import type { Graph, NodeErrors, NodeId, ValidationError } from '../../comfyui/protocol/protocol.js';
import type { Files, Shelf, SimulatedNode } from '../nodes/node.js';
import { isObject } from '../python/json.js';
import { PythonError, text, typeName } from '../python/python.js';
import { isSince } from '../version.js';
import { Validation } from './graph-validation.js';

/** The output nodes that can run, and the errors of those that cannot; or why nothing can. */
export type Verdict =
  | { ok: true; roots: NodeId[]; nodeErrors: NodeErrors }
  | { ok: false; error: ValidationError; nodeErrors: NodeErrors };

export type Validator = {
  nodes: ReadonlyMap<string, SimulatedNode>;
  shelf: Shelf;
  files: Files;
  /** The order in which output nodes are looked at and run; that of a Python set in the real one. */
  orderRoots(roots: NodeId[]): NodeId[];
};

/** Converts inputs in place. Throws a PythonError for what makes the real server answer 500. */
export function validate(prompt: unknown, targets: unknown, validator: Validator): Verdict {
  const graph = asGraph(prompt);
  const roots: NodeId[] = [];
  for (const [id, node] of Object.entries(graph)) {
    if (!isObject(node)) throw new PythonError('TypeError', `argument of type '${typeName(node)}' is not iterable`);
    const definition = Object.hasOwn(node, 'class_type') ? validator.nodes.get(node.class_type) : undefined;
    if (!definition) return refuse(missingClass(id, node, validator.shelf));
    if (definition.isOutput && isTarget(targets, id)) roots.push(id);
  }
  if (roots.length === 0) {
    return refuse({ type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '', extra_info: {} });
  }
  return new Validation(graph, validator).run(validator.orderRoots(roots));
}

function refuse(error: ValidationError): Verdict {
  return { ok: false, error, nodeErrors: {} };
}

function missingClass(id: NodeId, node: Record<string, unknown>, { version }: Shelf): ValidationError {
  const details = `Node ID '#${id}'`;
  const hasClass = Object.hasOwn(node, 'class_type');
  const none = 'Cannot execute because a node is missing the class_type property.';
  if (!isSince('0.11', version)) {
    const message = hasClass ? `Cannot execute because node ${text(node.class_type)} does not exist.` : none;
    return { type: 'invalid_prompt', message, details, extra_info: {} };
  }
  const title = isObject(node._meta) && node._meta.title ? node._meta.title : (node.class_type ?? null);
  const message = hasClass ? `Node '${text(title)}' not found. The custom node may not be installed.` : none;
  const extra_info = { node_id: id, class_type: node.class_type ?? null, node_title: title };
  return { type: 'missing_node_type', message, details, extra_info };
}

function asGraph(prompt: unknown): Graph {
  if (isObject(prompt)) return prompt as Graph;
  if (Array.isArray(prompt) && prompt.length === 0) return {};
  throw new PythonError('TypeError', `'${typeName(prompt)}' object is not iterable`);
}

/** Without targets every output node is one. */
function isTarget(targets: unknown, id: NodeId): boolean {
  if (targets === undefined || targets === null) return true;
  if (Array.isArray(targets) || typeof targets === 'string') return targets.includes(id);
  return isObject(targets) && Object.hasOwn(targets, id);
}
