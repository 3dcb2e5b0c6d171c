/** Reads a graph in ComfyUI's API format. */
import { isObject, isString, type JsonObject } from '../../comfyui/protocol/json/json.js';
import type { Graph, GraphNode } from '../../comfyui/protocol/protocol.js';
import { MAX_ID_LENGTH, MAX_NODES, refused } from './bounds.js';
import { type Problems, short } from './problems.js';

/** @throws BAD_USER_INPUT if it has too many nodes */
export function readGraph(raw: JsonObject, problems: Problems): Graph {
  const entries = Object.entries(raw);
  if (entries.length > MAX_NODES)
    throw refused(`The workflow has ${entries.length} nodes; the maximum is ${MAX_NODES}`);
  return Object.fromEntries(
    entries.flatMap(([id, node]) => {
      if (
        id.length <= MAX_ID_LENGTH &&
        isObject(node) &&
        isString(node.class_type) &&
        (node.inputs === undefined || isObject(node.inputs))
      )
        return [[id, readNode(id, node, node.class_type, problems)]];
      problems.add('MALFORMED', `Node ${short(id)} needs a class_type and inputs: it is left out`);
      return [];
    }),
  );
}

function readNode(id: string, node: JsonObject, type: string, problems: Problems): GraphNode {
  const inputs = isObject(node.inputs) ? { ...node.inputs } : {};
  const title = isObject(node._meta) && isString(node._meta.title) ? node._meta.title : undefined;
  for (const [name, value] of Object.entries(inputs)) {
    // Comfort for documents made by hand: ComfyUI takes a link only with a string.
    if (isNumberedLink(value)) inputs[name] = [String(value[0]), value[1]];
    if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) continue;
    problems.add('ROUNDED_NUMBER', `${short(name)} is above 2^53-1, and may be rounded to ${value}`, {
      id,
      type,
      title,
    });
  }
  return { class_type: type, inputs, ...(title !== undefined && { _meta: { title } }) };
}

const isNumberedLink = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && Number.isInteger(value[0]) && Number.isInteger(value[1]);
