/**
 * Which node runs next: of those whose inputs are there, an output node first, then one that an output node waits for, then
 * one that is two away from an output node, then the one that was met first on the way from the roots to their inputs.
 */
import type { NodeId } from '../../comfyui/protocol/protocol.js';
import { isLink, type RunningGraph } from './running-graph.js';

export class ExecutionOrder {
  /** In the order in which they were met. */
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

  /** The one that was met first. Throws when all are done. */
  get first(): NodeId {
    const [first] = this.#pending;
    if (first === undefined) throw new Error('No node is left');
    return first;
  }

  /** Adds a node with all that it needs and that is not cached. A cached root is added too: it is told again. */
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

  /** Makes `to` wait for `from`, unless that is cached. */
  link(from: NodeId, to: NodeId): void {
    if (this.isCached(from)) return;
    this.add(from);
    const unblocks = this.#unblocks.get(from);
    if (!unblocks || unblocks.has(to)) return;
    unblocks.add(to);
    this.#waitsFor.set(to, (this.#waitsFor.get(to) ?? 0) + 1);
  }

  /** Undefined when all nodes that are left wait for each other. */
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
