/** The progress of each node of one prompt. Every change publishes the whole. */
import type { NodeId, NodeProgress } from '../../comfyui/protocol/protocol.js';
import type { RunningGraph } from './running-graph.js';

export class Progress {
  readonly #nodes = new Map<NodeId, NodeProgress>();

  constructor(
    private readonly promptId: string,
    private readonly graph: RunningGraph,
    private readonly notify: (nodes: Record<NodeId, NodeProgress>) => void,
  ) {}

  start(id: NodeId): void {
    this.#set(id, { state: 'running' });
  }

  update(id: NodeId, value: number, max: number): void {
    this.#set(id, { state: 'running', value, max });
  }

  finish(id: NodeId): void {
    this.#set(id, { state: 'finished', value: this.#nodes.get(id)?.max ?? 1 });
  }

  of(id: NodeId): NodeProgress {
    const real = this.graph.realId(id);
    return (
      this.#nodes.get(id) ?? {
        value: 0,
        max: 1,
        state: 'pending',
        node_id: id,
        prompt_id: this.promptId,
        display_node_id: real,
        parent_node_id: this.graph.parentId(id),
        real_node_id: real,
      }
    );
  }

  #set(id: NodeId, change: Partial<NodeProgress>): void {
    this.#nodes.set(id, { ...this.of(id), ...change });
    this.notify(Object.fromEntries(this.#nodes));
  }
}
