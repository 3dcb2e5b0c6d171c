/** Estimates a graph's work before it runs: the title of each node and its share of the whole. */
import { isNumber, isString, own } from '../protocol/json/json.js';
import type { Graph, GraphNode, NodeId } from '../protocol/protocol.js';

export type PlannedNode = {
  /** The node's title in ComfyUI's editor, else its class. */
  readonly title: string;
  /** The number of steps if the node samples, else 1. */
  readonly weight: number;
};

export type Plan = Readonly<Record<NodeId, PlannedNode>>;

/** The limit of ComfyUI's own samplers. More steps count as this many. */
const MAX_STEPS = 10_000;

export function planOf(graph: Graph): Plan {
  const weights = new Map(Object.entries(graph).map(([id, node]) => [id, stepsOf(node)]));
  // Flux and others set the steps at a scheduler, which only computes sigmas. The sampler that takes the sigmas does the work.
  for (const [id, node] of Object.entries(graph)) {
    const scheduler = node.inputs.latent_image === undefined ? undefined : schedulerOf(graph, node);
    if (scheduler === undefined) continue;
    weights.set(id, stepsOf(own(graph, scheduler)));
    weights.set(scheduler, 1);
  }
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => [
      id,
      { title: node._meta?.title || node.class_type, weight: weights.get(id) ?? 1 },
    ]),
  );
}

/** Steps may be a decimal string, which ComfyUI converts. */
function stepsOf(node: GraphNode | undefined): number {
  const steps = Math.trunc(Number(node?.inputs.steps));
  return isNumber(steps) ? Math.min(MAX_STEPS, Math.max(1, steps)) : 1;
}

/** The node that sets the steps of a sampler that takes sigmas. */
function schedulerOf(graph: Graph, sampler: GraphNode): NodeId | undefined {
  let node: GraphNode | undefined = sampler;
  // Sigmas may pass through nodes that split or scale them. The limit on hops ends the loop if there is a cycle.
  for (let hops = Object.keys(graph).length; node && hops > 0; hops--) {
    const sigmas: unknown = node.inputs.sigmas;
    const id: unknown = Array.isArray(sigmas) ? sigmas[0] : undefined;
    if (!isString(id)) return undefined;
    node = own(graph, id);
    if (stepsOf(node) > 1) return id;
  }
  return undefined;
}
