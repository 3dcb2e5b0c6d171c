/** Expands subgraphs and group nodes: each use of one becomes an instance with ids of its own. */
import type { ObjectInfo } from '../../../comfyui/protocol/protocol.js';
import { MAX_EXPANDED_SIZE, MAX_NESTING, MAX_NODES, refused } from '../bounds.js';
import { type Problems, short } from '../problems.js';
import type { Definition, UiDocument, UiGraph, UiNode } from './document.js';
import { groupDefinition, isGroup } from './group-node.js';
import { hostValues } from './host-values.js';
import { isActive } from './virtual.js';

export type Instance = {
  graph: UiGraph;
  /** Of the ids in the prompt: `57:` for the inner nodes of node 57. */
  prefix: string;
  /** The node that stands for this graph; undefined at the root. */
  host: Host | undefined;
  /** By the id of the host. */
  children: Map<string, Instance>;
};

export type Host = {
  node: UiNode;
  instance: Instance;
  definition: Definition;
  /** The values on the host, by the name of its input. */
  values: ReadonlyMap<string, unknown>;
  /** The values on the host that replace values of inner nodes: inner id → widget → value. */
  overrides: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
};

/** @throws BAD_USER_INPUT if subgraphs contain themselves, or expand to too many nodes */
export function expand(document: UiDocument, catalogue: ObjectInfo, problems: Problems): Instance[] {
  const instances: Instance[] = [];
  const hosts = new Map<UiNode, Pick<Host, 'definition' | 'values' | 'overrides'> | undefined>();
  let [count, size] = [0, 0];

  const spend = (graph: Pick<UiGraph, 'nodes' | 'size'>): void => {
    count += graph.nodes.size;
    size += graph.size;
    if (count > MAX_NODES) throw refused(`The workflow has more than ${MAX_NODES} nodes, those in subgraphs included`);
    if (size > MAX_EXPANDED_SIZE) throw refused('The workflow has too many links, inputs and values');
  };

  const hostOf = (node: UiNode) => {
    if (!hosts.has(node)) {
      const definition = document.definitions.get(node.type) ?? groupOf(node);
      hosts.set(node, definition && { definition, ...hostValues(node, definition) });
    }
    return hosts.get(node);
  };

  const groupOf = (node: UiNode): Definition | undefined => {
    if (!isGroup(node)) return undefined;
    const definition = groupDefinition(node, document.groups, catalogue, problems);
    if (definition) spend({ nodes: new Map(), size: definition.size });
    return definition;
  };

  const open = (graph: UiGraph, prefix: string, host: Host | undefined, path: readonly string[]): Instance => {
    spend(graph);
    const instance: Instance = { graph, prefix, host, children: new Map() };
    instances.push(instance);
    for (const node of graph.nodes.values()) {
      // The page does not expand a muted or bypassed subgraph at the root.
      if (!host && !isActive(node)) continue;
      const inner = hostOf(node);
      if (!inner) continue;
      const { id } = inner.definition;
      if (path.includes(id)) throw refused(`The subgraph ${short(node.type)} contains itself`);
      if (path.length >= MAX_NESTING) throw refused(`More than ${MAX_NESTING} subgraphs are inside one another`);
      instance.children.set(
        node.id,
        open(inner.definition, `${prefix}${node.id}:`, { node, instance, ...inner }, [...path, id]),
      );
    }
    return instance;
  };

  open(document.graph, '', undefined, []);
  return instances;
}
