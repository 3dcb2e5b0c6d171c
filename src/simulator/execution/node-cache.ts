/**
 * Results of nodes by input signature: the class and constants of the node and of all its ancestors, and their links, but
 * not their ids. Keeps only the results that the newest prompt could use.
 */
import { randomUUID } from 'node:crypto';
import type { NodeId, NodeOutput } from '../../comfyui/protocol/protocol.js';
import { isLink, type RunningGraph } from './running-graph.js';

/** `classic` is ComfyUI's default; `keep` drops nothing, like a large LRU or RAM cache; `none` keeps nothing. */
export type CacheMode = 'classic' | 'keep' | 'none';

/** A node's UI output, and the node's place in the graph. */
export type UiOutput = {
  meta: { node_id: NodeId; display_node: NodeId; parent_node: NodeId | null; real_node_id: NodeId };
  output: NodeOutput;
};

type Entry = { outputs?: unknown[]; ui?: UiOutput };

export class NodeCache {
  private readonly entries = new Map<string, Entry>();
  private keys = new Map<NodeId, string>();
  /** Caches of expanded nodes, by the parent's id and class. */
  private readonly subcaches = new Map<string, NodeCache>();
  #graph: RunningGraph | undefined;

  constructor(private readonly mode: CacheMode) {}

  /** Starts a prompt or an expansion. `cacheKeyOf` returns what a result depends on besides its inputs. */
  begin(graph: RunningGraph, ids: NodeId[], cacheKeyOf: (id: NodeId) => unknown): void {
    this.#graph = graph;
    this.keys = new Map(ids.map((id) => [id, signatureOf(graph, id, cacheKeyOf)]));
    if (this.mode === 'none') this.entries.clear();
    if (this.mode !== 'classic') return;
    const used = new Set(this.keys.values());
    const subcachesUsed = new Set(ids.map((id) => graph.instanceKey(id)));
    for (const key of this.entries.keys()) if (!used.has(key)) this.entries.delete(key);
    for (const key of this.subcaches.keys()) if (!subcachesUsed.has(key)) this.subcaches.delete(key);
  }

  /** Starts the subcache for the nodes that `parent` expanded into. */
  beginSubcache(parent: NodeId, ids: NodeId[], cacheKeyOf: (id: NodeId) => unknown): void {
    const owner = this.#ownerOf(parent);
    const graph = this.#graph;
    if (!owner || !graph) return;
    const key = graph.instanceKey(parent);
    const subcache = owner.subcaches.get(key) ?? new NodeCache(this.mode);
    owner.subcaches.set(key, subcache);
    subcache.begin(graph, ids, cacheKeyOf);
  }

  isCached(id: NodeId): boolean {
    return this.#entry(id)?.outputs !== undefined;
  }

  outputs(id: NodeId): unknown[] | undefined {
    return this.#entry(id)?.outputs;
  }

  ui(id: NodeId): UiOutput | undefined {
    return this.#entry(id)?.ui;
  }

  set(id: NodeId, entry: Entry): void {
    const owner = this.#ownerOf(id);
    const key = owner?.keys.get(id);
    if (owner && key !== undefined) owner.entries.set(key, { ...owner.entries.get(key), ...entry });
  }

  /** All nodes of this prompt, including expanded ones. */
  ids(): NodeId[] {
    return [...this.keys.keys(), ...[...this.subcaches.values()].flatMap((subcache) => subcache.ids())];
  }

  clear(): void {
    this.entries.clear();
    this.subcaches.clear();
  }

  #entry(id: NodeId): Entry | undefined {
    const owner = this.#ownerOf(id);
    const key = owner?.keys.get(id);
    return key === undefined ? undefined : owner?.entries.get(key);
  }

  /** The cache that holds this node's results: this one, or a subcache of its parent's cache. */
  #ownerOf(id: NodeId): NodeCache | undefined {
    const parent = this.#graph?.parentId(id) ?? null;
    if (parent === null || !this.#graph) return this;
    return this.#ownerOf(parent)?.subcaches.get(this.#graph.instanceKey(parent));
  }
}

function signatureOf(graph: RunningGraph, id: NodeId, cacheKeyOf: (id: NodeId) => unknown): string {
  const nodes = [id];
  const position = new Map<NodeId, number>();
  const visit = (of: NodeId): void => {
    if (!graph.has(of)) return;
    for (const value of sortedInputs(graph, of).map(([, each]) => each)) {
      if (!isLink(value) || position.has(value[0])) continue;
      position.set(value[0], nodes.length);
      nodes.push(value[0]);
      visit(value[0]);
    }
  };
  visit(id);
  return JSON.stringify(
    nodes.map((member) => {
      if (!graph.has(member)) return comparable(undefined);
      const inputs = sortedInputs(graph, member).map(([name, value]) =>
        isLink(value) ? [name, 'ANCESTOR', position.get(value[0]), value[1]] : [name, comparable(value)],
      );
      return [graph.node(member).class_type, comparable(cacheKeyOf(member)), inputs];
    }),
  );
}

function sortedInputs(graph: RunningGraph, id: NodeId): [string, unknown][] {
  return Object.entries(graph.node(id).inputs).sort(([a], [b]) => (a < b ? -1 : 1));
}

function comparable(value: unknown): unknown {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.entries(value).map(([key, each]) => [key, comparable(each)]);
  }
  // A value that cannot be compared, such as a picture, never equals another, not even itself.
  return randomUUID();
}
