/** Adds the graph that a node expanded into to the prompt's graph, with ids of the form `parent.callIndex.graphIndex.n`. */
import type { NodeId } from '../../comfyui/protocol/protocol.js';
import type { NodeResult } from '../nodes/node.js';
import { isLink, type RunningGraph } from './running-graph.js';

export function expand(
  graph: RunningGraph,
  parent: NodeId,
  { graph: added, result }: NonNullable<NodeResult['expand']>,
): { ids: NodeId[]; result: unknown[] } {
  const rename = (id: NodeId) => (Object.hasOwn(added, id) ? `${parent}.0.0.${id}` : id);
  const relink = (value: unknown) => (isLink(value) ? [rename(value[0]), value[1]] : value);
  const ids = Object.entries(added).map(([id, node]) => {
    const inputs = Object.fromEntries(Object.entries(node.inputs).map(([name, value]) => [name, relink(value)]));
    graph.add(rename(id), { ...node, inputs }, parent);
    return rename(id);
  });
  return { ids, result: result.map(relink) };
}
