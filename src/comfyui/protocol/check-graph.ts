/**
 * Finds the faults of a graph that ComfyUI does not check for. It does not validate an input that the class does not declare, and a link to
 * a missing node in such an input kills its worker (0.3.64 and newer): the server still accepts prompts, but none runs. Missing inputs,
 * types and bounds are not checked here: ComfyUI rejects those.
 */
import { isObject, isString, own } from './json/json.js';
import type { NodeId, ObjectInfo } from './protocol.js';
import { declaredBy, ruleOf } from './rules.js';
import { toClassRules } from './rules-reader.js';

export type GraphFault = {
  kind: 'malformed_node' | 'unknown_class' | 'undeclared_input' | 'malformed_link' | 'missing_node' | 'missing_slot';
  nodeId: NodeId;
  /** The input with the fault; undefined if the node itself has it. */
  input?: string;
  /** A sentence for the author of the graph. */
  message: string;
};

/** Returns all faults, node by node; empty if the graph is safe to submit. Takes any JSON object, such as one from a user. */
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
  if (!known) return [{ kind: 'unknown_class', nodeId, message: `Node ${nodeId}: unknown class ${class_type}` }];
  const declared = declaredBy(toClassRules(known.input), inputs);
  return Object.entries(inputs).flatMap(([input, value]) => {
    const where = `Node ${nodeId} (${class_type}), input ${input}`;
    const fault = (kind: GraphFault['kind'], what: string) => [{ kind, nodeId, input, message: `${where}: ${what}` }];
    if (!ruleOf(declared, input)) return fault('undeclared_input', 'the class does not declare this input');
    // A list as a value is written {"__value__": [...]}: ComfyUI takes every bare list for a link.
    if (!Array.isArray(value)) return [];
    const [source, slot]: unknown[] = value;
    if (value.length !== 2 || !isString(source) || !Number.isInteger(slot)) {
      return fault('malformed_link', 'a link must be ["node id", slot]');
    }
    const target = own(graph, source);
    if (target === undefined) return fault('missing_node', `node ${source} does not exist`);
    const outputs = isObject(target) && isString(target.class_type) ? own(info, target.class_type)?.output : undefined;
    if (outputs && !(Number(slot) >= 0 && Number(slot) < outputs.length)) {
      return fault('missing_slot', `node ${source} has no output ${slot}`);
    }
    return [];
  });
}
