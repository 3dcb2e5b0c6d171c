/** Reads a graph in ComfyUI's API format from a document of a user. */
import { type Graph, type GraphNode, looksLikeLink, ringIn, unwrapped } from '../../comfyui/index.js';
import { badUserInput } from '../../graphql/errors.js';
import { isStorable } from '../../graphql/text.js';
import { readSources } from '../import/model-sources.js';
import { faultAt, isReserved, shown } from './faults.js';
import { GRAPH_LIMITS } from './limits.js';

type Members = Record<string, unknown>;

const EXPECTED = 'a graph in ComfyUI’s API format: an object of node ids, each with a class_type and inputs';

/** Returns a copy with only what ComfyUI executes, the titles, and where models can be had. @throws BAD_USER_INPUT for the field `graph` */
export function parseGraph(document: unknown): Graph {
  if (!isMembers(document)) throw badUserInput(`graph must be ${EXPECTED}`, 'graph');
  if (Array.isArray(document.nodes) && Array.isArray(document.links))
    throw badUserInput('graph is in the format of ComfyUI’s page: import it first (importWorkflow)', 'graph');
  const entries = Object.entries(document);
  if (entries.length === 0) throw badUserInput('graph has no nodes', 'graph');
  if (entries.length > GRAPH_LIMITS.nodes)
    throw badUserInput(`graph has ${entries.length} nodes, more than the limit of ${GRAPH_LIMITS.nodes}`, 'graph');
  requireShallow(document);
  const bytes = Buffer.byteLength(JSON.stringify(document));
  if (bytes > GRAPH_LIMITS.bytes)
    throw badUserInput(`graph has ${bytes} bytes, more than the limit of ${GRAPH_LIMITS.bytes}`, 'graph');
  const graph = Object.fromEntries(entries.map(([nodeId, node]) => [nodeId, parseNode(nodeId, node)]));
  checkLinks(graph);
  return graph;
}

/** Without any catalogue: a link to a missing node may stop ComfyUI's worker. */
function checkLinks(graph: Graph): void {
  for (const [nodeId, { class_type: classType, inputs }] of Object.entries(graph))
    for (const [input, value] of Object.entries(inputs))
      if (isLink(value) && !Object.hasOwn(graph, value[0]))
        throw faultAt({ nodeId, classType, input }, `links to node ${shown(value[0])}, which does not exist`);
  const ring = ringIn(graph, Object.keys(graph));
  const [nodeId = ''] = ring ?? [];
  if (ring) throw faultAt({ nodeId, classType: graph[nodeId]?.class_type ?? '' }, 'is part of a ring of links');
}

function parseNode(nodeId: string, node: unknown): GraphNode {
  requireName(nodeId, nodeId, 'a node id');
  if (!isMembers(node) || typeof node.class_type !== 'string' || !isMembers(node.inputs))
    throw faultAt({ nodeId }, 'must be an object with class_type, a string, and inputs, an object');
  const { class_type: classType, inputs, _meta: meta } = node;
  requireName(nodeId, classType, 'a class_type');
  for (const [input, value] of Object.entries(inputs)) {
    requireName(nodeId, input, 'the name of an input');
    if (Array.isArray(value) && !isLink(value))
      throw faultAt({ nodeId, classType, input }, 'a list must be a link: ["node id", output]');
    if (!Array.isArray(value) && looksLikeLink(unwrapped(value)))
      throw faultAt({ nodeId, classType, input }, 'a list as a value must not look like a link');
  }
  const { title: given, models: listed } = isMembers(meta) ? meta : {};
  const title = typeof given === 'string' ? given : undefined;
  const models = readSources(listed);
  return {
    class_type: classType,
    inputs: { ...inputs },
    ...((title !== undefined || models.length > 0) && {
      _meta: {
        ...(title !== undefined && { title: title.slice(0, GRAPH_LIMITS.nameLength) }),
        ...(models.length > 0 && { models }),
      },
    }),
  };
}

export const isLink = (value: unknown): value is [string, number] =>
  Array.isArray(value) &&
  value.length === 2 &&
  typeof value[0] === 'string' &&
  Number.isSafeInteger(value[1]) &&
  value[1] >= 0;

function requireName(nodeId: string, name: string, what: string): void {
  const { nameLength } = GRAPH_LIMITS;
  if (isReserved(name)) throw faultAt({ nodeId }, `${name} is not allowed as ${what}`);
  if (name === '' || name.length > nameLength || /\p{Cc}/u.test(name) || !name.isWellFormed())
    throw faultAt({ nodeId }, `${what} must have 1 to ${nameLength} characters without control characters`);
}

/** Level by level: a recursion could overflow the stack. Texts and numbers must be storable. */
function requireShallow(document: Members): void {
  let level: unknown[] = [document];
  for (let depth = 1; level.length > 0; depth += 1) {
    const inner = level.flatMap((value) => Object.entries(value as object).flat());
    for (const value of inner) {
      if (typeof value === 'string' && !isStorable(value))
        throw badUserInput('graph must not contain NUL characters or broken Unicode', 'graph');
      if (typeof value === 'number' && !Number.isFinite(value))
        throw badUserInput('graph must not contain numbers beyond 1.8e308', 'graph');
    }
    level = inner.filter((value) => typeof value === 'object' && value !== null);
    if (level.length > 0 && depth >= GRAPH_LIMITS.depth)
      throw badUserInput(`graph is nested deeper than the limit of ${GRAPH_LIMITS.depth}`, 'graph');
  }
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
