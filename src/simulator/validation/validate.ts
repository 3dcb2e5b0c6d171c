/**
 * Validates a graph before it is queued, like ComfyUI with its quirks: the classes of all nodes, and the inputs of nodes that
 * lead to an output node. Errors have ComfyUI's words.
 */
import type { Graph, NodeErrors, NodeId, ValidationError } from '../../comfyui/protocol/protocol.js';
import type { ModelCatalog } from '../nodes/model-catalog.js';
import type { Files, SimulatedNode } from '../nodes/node.js';
import { isObject } from '../python/json.js';
import { PythonError, text, typeName } from '../python/python.js';
import { isSince } from '../version.js';
import { GraphValidation } from './graph-validation.js';

/** The output nodes that can run and the errors of the others; or an error when none can run. */
export type ValidationResult =
  | { ok: true; roots: NodeId[]; nodeErrors: NodeErrors }
  | { ok: false; error: ValidationError; nodeErrors: NodeErrors };

export type ValidationContext = {
  nodes: ReadonlyMap<string, SimulatedNode>;
  catalog: ModelCatalog;
  files: Files;
  /** The order in which output nodes are validated and run; in ComfyUI that of a Python set. */
  orderRoots(roots: NodeId[]): NodeId[];
};

/** Converts inputs in place. Throws a PythonError where ComfyUI responds with 500. */
export function validate(prompt: unknown, targets: unknown, context: ValidationContext): ValidationResult {
  const graph = asGraph(prompt);
  const roots: NodeId[] = [];
  for (const [id, node] of Object.entries(graph)) {
    if (!isObject(node)) throw new PythonError('TypeError', `argument of type '${typeName(node)}' is not iterable`);
    const definition = Object.hasOwn(node, 'class_type') ? context.nodes.get(node.class_type) : undefined;
    if (!definition) return reject(missingClassError(id, node, context.catalog));
    if (definition.isOutput && isTarget(targets, id)) roots.push(id);
  }
  if (roots.length === 0) {
    return reject({ type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '', extra_info: {} });
  }
  return new GraphValidation(graph, context).run(context.orderRoots(roots));
}

function reject(error: ValidationError): ValidationResult {
  return { ok: false, error, nodeErrors: {} };
}

function missingClassError(id: NodeId, node: Record<string, unknown>, { version }: ModelCatalog): ValidationError {
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

/** Without targets, every output node is a target. */
function isTarget(targets: unknown, id: NodeId): boolean {
  if (targets === undefined || targets === null) return true;
  if (Array.isArray(targets) || typeof targets === 'string') return targets.includes(id);
  return isObject(targets) && Object.hasOwn(targets, id);
}
