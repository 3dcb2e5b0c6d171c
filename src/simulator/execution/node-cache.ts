/**
 * Results of nodes by what they depend on: their class and constants and those of all their ancestors, and how these are
 * linked, but not their ids. Only what the newest prompt could use is kept.
 */
import { randomUUID } from 'node:crypto';
import type { NodeId, NodeOutput } from '../../comfyui/protocol/protocol.js';
import { isLink, type RunningGraph } from './running-graph.js';

/** `classic` is ComfyUI's default; `keep` never lets go, as a large LRU or RAM cache; `none` has nothing. */
export type CacheMode = 'classic' | 'keep' | 'none';

/** What a node showed, and where it stands. */
export type Shown = {
  meta: { node_id: NodeId; display_node: NodeId; parent_node: NodeId | null; real_node_id: NodeId };
  output: NodeOutput;
};

type Entry = { outputs?: unknown[]; shown?: Shown };

export class NodeCache {
  private readonly entries = new Map<string, Entry>();
  private keys = new Map<NodeId, string>();
  /** By node id and class: the caches of the nodes it expanded into. */
  private readonly inner = new Map<string, NodeCache>();
  #graph: RunningGraph | undefined;

  constructor(private readonly mode: CacheMode) {}

  /** Begins a prompt (or an expansion). `changed` says what else a node's result depends on. */
  begin(graph: RunningGraph, ids: NodeId[], changed: (id: NodeId) => unknown): void {
    this.#graph = graph;
    this.keys = new Map(ids.map((id) => [id, keyOf(graph, id, changed)]));
    if (this.mode === 'none') this.entries.clear();
    if (this.mode !== 'classic') return;
    const used = new Set(this.keys.values());
    const innerUsed = new Set(ids.map((id) => graph.kind(id)));
    for (const key of this.entries.keys()) if (!used.has(key)) this.entries.delete(key);
    for (const key of this.inner.keys()) if (!innerUsed.has(key)) this.inner.delete(key);
  }

  /** The same for the nodes that this one expanded into. */
  beginInner(parent: NodeId, ids: NodeId[], changed: (id: NodeId) => unknown): void {
    const home = this.#home(parent);
    const graph = this.#graph;
    if (!home || !graph) return;
    const key = graph.kind(parent);
    const inner = home.inner.get(key) ?? new NodeCache(this.mode);
    home.inner.set(key, inner);
    inner.begin(graph, ids, changed);
  }

  isCached(id: NodeId): boolean {
    return this.#entry(id)?.outputs !== undefined;
  }

  outputs(id: NodeId): unknown[] | undefined {
    return this.#entry(id)?.outputs;
  }

  shown(id: NodeId): Shown | undefined {
    return this.#entry(id)?.shown;
  }

  set(id: NodeId, entry: Entry): void {
    const home = this.#home(id);
    const key = home?.keys.get(id);
    if (home && key !== undefined) home.entries.set(key, { ...home.entries.get(key), ...entry });
  }

  /** Every node of this prompt, expanded ones included. */
  ids(): NodeId[] {
    return [...this.keys.keys(), ...[...this.inner.values()].flatMap((inner) => inner.ids())];
  }

  clear(): void {
    this.entries.clear();
    this.inner.clear();
  }

  #entry(id: NodeId): Entry | undefined {
    const home = this.#home(id);
    const key = home?.keys.get(id);
    return key === undefined ? undefined : home?.entries.get(key);
  }

  /** The cache this node's results are in: this one, or one inside its parent's. */
  #home(id: NodeId): NodeCache | undefined {
    const parent = this.#graph?.parent(id) ?? null;
    if (parent === null || !this.#graph) return this;
    return this.#home(parent)?.inner.get(this.#graph.kind(parent));
  }
}

function keyOf(graph: RunningGraph, id: NodeId, changed: (id: NodeId) => unknown): string {
  const family = [id];
  const place = new Map<NodeId, number>();
  const visit = (of: NodeId): void => {
    if (!graph.has(of)) return;
    for (const value of sortedInputs(graph, of).map(([, each]) => each)) {
      if (!isLink(value) || place.has(value[0])) continue;
      place.set(value[0], family.length);
      family.push(value[0]);
      visit(value[0]);
    }
  };
  visit(id);
  return JSON.stringify(
    family.map((member) => {
      if (!graph.has(member)) return plain(undefined);
      const inputs = sortedInputs(graph, member).map(([name, value]) =>
        isLink(value) ? [name, 'ANCESTOR', place.get(value[0]), value[1]] : [name, plain(value)],
      );
      return [graph.node(member).class_type, plain(changed(member)), inputs];
    }),
  );
}

function sortedInputs(graph: RunningGraph, id: NodeId): [string, unknown][] {
  return Object.entries(graph.node(id).inputs).sort(([a], [b]) => (a < b ? -1 : 1));
}

function plain(value: unknown): unknown {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.entries(value).map(([key, each]) => [key, plain(each)]);
  }
  // Something that has no value of its own, such as a picture, equals nothing, itself included.
  return randomUUID();
}
