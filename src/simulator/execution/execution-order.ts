/**
 * Selects the next node among those whose inputs are ready: an output node first, then a node that an output node waits for,
 * then a node two links before an output node, then the node that was found first on the walk from the roots to their inputs.
 */
import type { NodeId } from '../../comfyui/protocol/protocol.js';
import { isLink, type RunningGraph } from './running-graph.js';

export class ExecutionOrder {
  /** In the order in which they were found. */
  readonly #pending = new Set<NodeId>();
  readonly #waitsFor = new Map<NodeId, number>();
  readonly #unblocks = new Map<NodeId, Set<NodeId>>();

  constructor(
    private readonly graph: RunningGraph,
    private readonly isCached: (id: NodeId) => boolean,
    private readonly isOutput: (classType: string) => boolean,
  ) {}

  get isDone(): boolean {
    return this.#pending.size === 0;
  }

  /** The pending node that was found first. Throws when none is pending. */
  get first(): NodeId {
    const [first] = this.#pending;
    if (first === undefined) throw new Error('No node is pending');
    return first;
  }

  /** Adds a node and its uncached ancestors. A cached root is added, too: its output is published again. */
  add(root: NodeId): void {
    const stack = [root];
    const links: [from: NodeId, to: NodeId][] = [];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (this.#pending.has(id)) continue;
      const { inputs } = this.graph.node(id);
      this.#pending.add(id);
      this.#waitsFor.set(id, 0);
      this.#unblocks.set(id, new Set());
      for (const value of Object.values(inputs)) {
        if (!isLink(value)) continue;
        if (!this.isCached(value[0])) stack.push(value[0]);
        links.push([value[0], id]);
      }
    }
    for (const [from, to] of links) this.link(from, to);
  }

  /** Makes `to` wait for `from`, unless `from` is cached. */
  link(from: NodeId, to: NodeId): void {
    if (this.isCached(from)) return;
    this.add(from);
    const unblocks = this.#unblocks.get(from);
    if (!unblocks || unblocks.has(to)) return;
    unblocks.add(to);
    this.#waitsFor.set(to, (this.#waitsFor.get(to) ?? 0) + 1);
  }

  /** Returns undefined when all pending nodes wait for each other. */
  next(): NodeId | undefined {
    const ready = [...this.#pending].filter((id) => this.#waitsFor.get(id) === 0);
    const isOutput = (id: NodeId) => this.isOutput(this.graph.node(id).class_type);
    const unblocked = (id: NodeId) => [...(this.#unblocks.get(id) ?? [])];
    return (
      ready.find(isOutput) ??
      ready.find((id) => unblocked(id).some(isOutput)) ??
      ready.find((id) => unblocked(id).some((next) => unblocked(next).some(isOutput))) ??
      ready[0]
    );
  }

  complete(id: NodeId): void {
    this.#pending.delete(id);
    for (const next of this.#unblocks.get(id) ?? []) this.#waitsFor.set(next, (this.#waitsFor.get(next) ?? 1) - 1);
    this.#unblocks.delete(id);
  }
}
