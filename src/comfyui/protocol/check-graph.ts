/**
 * Checks a graph for what ComfyUI does not: an input that the class does not declare is not validated, and a link in it to a node
 * that is not there kills ComfyUI's worker (0.3.64 and newer; the server goes on accepting, and nothing runs any more). What
 * ComfyUI refuses by itself (missing inputs, types, bounds) is left to it.
 */
import { isObject, isString, own } from './json.js';
import type { NodeId, ObjectInfo } from './protocol.js';
import { declaredBy, ruleOf } from './rules.js';
import { toClassRules } from './rules-reader.js';

export type GraphFault = {
  kind: 'malformed_node' | 'unknown_class' | 'undeclared_input' | 'malformed_link' | 'missing_node' | 'missing_slot';
  nodeId: NodeId;
  /** The input at fault; missing where it is the node. */
  input?: string;
  /** A sentence for the author of the graph. */
  message: string;
};

/** Every fault, node by node; empty where the graph is safe to send. Takes what a user sent: any JSON object. */
export function checkGraph(graph: Readonly<Record<NodeId, unknown>>, info: ObjectInfo): GraphFault[] {
  return Object.entries(graph).flatMap(([nodeId, node]) => checkNode(graph, info, nodeId, node));
}

function checkNode(
  graph: Readonly<Record<NodeId, unknown>>,
  info: ObjectInfo,
  nodeId: NodeId,
  node: unknown,
): GraphFault[] {
  const { class_type, inputs } = isObject(node) ? node : {};
  if (!isString(class_type) || !isObject(inputs)) {
    return [{ kind: 'malformed_node', nodeId, message: `Node ${nodeId} needs a class_type and inputs` }];
  }
  const known = own(info, class_type);
  if (!known) return [{ kind: 'unknown_class', nodeId, message: `Node ${nodeId}: there is no class ${class_type}` }];
  const declared = declaredBy(toClassRules(known.input), inputs);
  return Object.entries(inputs).flatMap(([input, value]) => {
    const where = `Node ${nodeId} (${class_type}), input ${input}`;
    const fault = (kind: GraphFault['kind'], what: string) => [{ kind, nodeId, input, message: `${where}: ${what}` }];
    if (!ruleOf(declared, input)) return fault('undeclared_input', 'the class has no such input');
    // A list as a value is written {"__value__": [...]}: every bare one is taken for a link.
    if (!Array.isArray(value)) return [];
    const [source, slot]: unknown[] = value;
    if (value.length !== 2 || !isString(source) || !Number.isInteger(slot)) {
      return fault('malformed_link', 'a link is ["node id", slot]');
    }
    const target = own(graph, source);
    if (target === undefined) return fault('missing_node', `there is no node ${source}`);
    const outputs = isObject(target) && isString(target.class_type) ? own(info, target.class_type)?.output : undefined;
    if (outputs && !(Number(slot) >= 0 && Number(slot) < outputs.length)) {
      return fault('missing_slot', `node ${source} has no output ${slot}`);
    }
    return [];
  });
}
