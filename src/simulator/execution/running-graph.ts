/** The graph of a running prompt: the submitted nodes, and the nodes that they expanded into. */
import type { Graph, GraphNode, Link, NodeId } from '../../comfyui/protocol/protocol.js';
import { PythonError } from '../python/python.js';

/** Whether ComfyUI treats this value as a link. */
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

  /** Throws the error that ends ComfyUI's worker. */
  node(id: NodeId): GraphNode {
    const node = this.#added.get(id) ?? (Object.hasOwn(this.original, id) ? this.original[id] : undefined);
    if (!node) throw new PythonError('comfy_execution.graph_utils.NodeNotFoundError', `Node ${id} not found`);
    return node;
  }

  add(id: NodeId, node: GraphNode, parent: NodeId): void {
    this.#added.set(id, node);
    this.#parents.set(id, parent);
  }

  parentId(id: NodeId): NodeId | null {
    return this.#parents.get(id) ?? null;
  }

  /** The id in the submitted graph: that of the outermost parent. */
  realId(id: NodeId): NodeId {
    const parent = this.#parents.get(id);
    return parent === undefined ? id : this.realId(parent);
  }

  /** Id and class: ComfyUI keeps one node instance for each. */
  instanceKey(id: NodeId): string {
    return `${id}\n${this.has(id) ? this.node(id).class_type : ''}`;
  }
}
