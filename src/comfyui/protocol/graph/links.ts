/** The links of a graph: which nodes ComfyUI executes, and rings of links. */
import { isObject, isString, own } from '../json/json.js';
import type { Link, NodeId } from '../protocol.js';
import type { FindRules } from '../rules.js';

/** Any JSON object, such as a graph from a user. */
export type AnyGraph = Readonly<Record<NodeId, unknown>>;

type AnyNode = { class_type: string; inputs: Readonly<Record<string, unknown>> };

/** Undefined if the value is no node. */
export function nodeOf(value: unknown): AnyNode | undefined {
  const { class_type, inputs } = isObject(value) ? value : {};
  return isString(class_type) && isObject(inputs) ? { class_type, inputs } : undefined;
}

/** A list as a value is written `{"__value__": […]}`: ComfyUI takes every bare list for a link. */
export const isLink = (value: unknown): value is Link =>
  Array.isArray(value) && value.length === 2 && isString(value[0]) && Number.isInteger(value[1]);

/** A list as a value, without its wrapper. */
export const unwrapped = (value: unknown): unknown =>
  isObject(value) && Object.hasOwn(value, '__value__') ? value.__value__ : value;

/**
 * Whether ComfyUI takes the value for a link when it executes the node. It validates no link in a wrapper: one to a missing node kills its
 * worker.
 */
export const looksLikeLink = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && isString(value[0]) && ['number', 'boolean'].includes(typeof value[1]);

const sourcesOf = (graph: AnyGraph, id: NodeId): NodeId[] =>
  Object.values(nodeOf(own(graph, id))?.inputs ?? {}).flatMap((value) =>
    isLink(value) && own(graph, value[0]) !== undefined ? [value[0]] : [],
  );

/**
 * The nodes that ComfyUI executes, and whose inputs it validates: output nodes, and all that they need. Nodes of unknown classes count as
 * output nodes.
 */
export function executedNodes(graph: AnyGraph, find: FindRules): Set<NodeId> {
  const isRoot = ([, value]: [NodeId, unknown]) => {
    const known = find(nodeOf(value)?.class_type ?? '');
    return known === undefined || known.isOutput === true;
  };
  const found = new Set(
    Object.entries(graph)
      .filter(isRoot)
      .map(([id]) => id),
  );
  // The set grows while it is read.
  for (const id of found) for (const source of sourcesOf(graph, id)) found.add(source);
  return found;
}

/** The nodes of one ring of links, in the order of the links; undefined if there is none. */
export function ringIn(graph: AnyGraph, ids: Iterable<NodeId>): NodeId[] | undefined {
  const done = new Set<NodeId>();
  for (const root of ids) {
    // Without recursion: a chain of nodes may be longer than the stack.
    const path: { id: NodeId; rest: NodeId[] }[] = [];
    const onPath = new Set<NodeId>();
    const enter = (id: NodeId) => {
      path.push({ id, rest: sourcesOf(graph, id) });
      onPath.add(id);
    };
    if (!done.has(root)) enter(root);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const next = last.rest.pop();
      if (next === undefined) {
        done.add(last.id);
        onPath.delete(last.id);
        path.pop();
      } else if (onPath.has(next)) {
        const ids = path.map(({ id }) => id);
        return ids.slice(ids.indexOf(next));
      } else if (!done.has(next)) enter(next);
    }
  }
  return undefined;
}

/** How many nodes the longest chain of links has. @param graph without rings */
export function longestChain(graph: AnyGraph, ids: Iterable<NodeId>): number {
  const lengths = new Map<NodeId, number>();
  const open = [...ids];
  for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
    const sources = sourcesOf(graph, id);
    const unknown = sources.filter((source) => !lengths.has(source));
    if (unknown.length > 0 && !lengths.has(id)) open.push(...unknown);
    else {
      lengths.set(id, 1 + Math.max(0, ...sources.map((source) => lengths.get(source) ?? 0)));
      open.pop();
    }
  }
  return Math.max(0, ...lengths.values());
}
