/** The graph of one prompt while it runs: its own nodes and the ones they expanded into. */
import type { Graph, GraphNode, Link, NodeId } from '../../comfyui/protocol/protocol.js';
import { PythonError } from '../python/python.js';

/** Whether Python would take this value for a link. */
export function isLink(value: unknown): value is Link {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number';
}

export class RunningGraph {
  readonly #added = new Map<NodeId, GraphNode>();
  readonly #parents = new Map<NodeId, NodeId>();

  constructor(readonly original: Graph) {}

  has(id: NodeId): boolean {
    return Object.hasOwn(this.original, id) || this.#added.has(id);
  }

  /** Throws what ends the real server's worker. */
  node(id: NodeId): GraphNode {
    const node = this.#added.get(id) ?? (Object.hasOwn(this.original, id) ? this.original[id] : undefined);
    if (!node) throw new PythonError('comfy_execution.graph_utils.NodeNotFoundError', `Node ${id} not found`);
    return node;
  }

  add(id: NodeId, node: GraphNode, parent: NodeId): void {
    this.#added.set(id, node);
    this.#parents.set(id, parent);
  }

  parent(id: NodeId): NodeId | null {
    return this.#parents.get(id) ?? null;
  }

  /** The id in the prompt that was sent: the outermost parent. */
  real(id: NodeId): NodeId {
    const parent = this.#parents.get(id);
    return parent === undefined ? id : this.real(parent);
  }

  /** Id and class: what an instance of a node belongs to. */
  kind(id: NodeId): string {
    return `${id}\n${this.has(id) ? this.node(id).class_type : ''}`;
  }
}
