/** Walks the nodes of one prompt and tells of each. Does not know what is told before and after them. */
import type { NodeId, SocketMessage } from '../../comfyui/protocol/protocol.js';
import { ExecutionBlocker, outputsOf, type SimulatedNode } from '../nodes/node.js';
import { PythonError } from '../python/python.js';
import { declaredOf } from '../validation/dynamic-inputs.js';
import { WorkerDeath } from './execution-error.js';
import { ExecutionOrder } from './execution-order.js';
import type { ExecutorOptions } from './executor.js';
import { expand } from './expand.js';
import type { NodeCache, Shown } from './node-cache.js';
import { Progress } from './progress.js';
import { isLink, type RunningGraph } from './running-graph.js';

export class PromptRun {
  readonly order: ExecutionOrder;
  readonly executed = new Set<NodeId>();
  /** What was told as `executed`, cached or new. */
  readonly told = new Map<NodeId, Shown>();
  /** Of the node that runs. */
  inputs: Record<string, unknown> = {};
  readonly #progress: Progress;
  /** Results of nodes that wait for what they expanded into. */
  readonly #expanded = new Map<NodeId, unknown[]>();

  constructor(
    private readonly promptId: string,
    private readonly graph: RunningGraph,
    private readonly extraData: Record<string, unknown>,
    private readonly changed: (id: NodeId) => unknown,
    private readonly cache: NodeCache,
    private readonly memories: ReadonlyMap<string, Map<string, unknown>>,
    private readonly options: ExecutorOptions,
  ) {
    const isOutput = (classType: string) => options.nodes.get(classType)?.isOutput ?? false;
    this.order = new ExecutionOrder(graph, (id) => cache.isCached(id), isOutput);
    this.#progress = new Progress(promptId, graph, (nodes) =>
      options.stage.tell({ type: 'progress_state', data: { prompt_id: promptId, nodes } }, true),
    );
  }

  /** Returns the first node that failed, if one did. Throws when the signal aborts. */
  async toTheEnd(signal: AbortSignal): Promise<{ node: NodeId; error: unknown } | undefined> {
    while (!this.order.isDone) {
      const id = this.order.next();
      if (id === undefined) {
        const error = new PythonError('graph.DependencyCycleError', 'Dependency cycle detected');
        return { node: this.order.first, error };
      }
      try {
        if (await this.#step(id)) this.order.complete(id);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof WorkerDeath) throw error;
        return { node: id, error };
      }
      signal.throwIfAborted();
    }
    return undefined;
  }

  /** Resolves to whether the node is done; otherwise it waits for what it expanded into. */
  async #step(id: NodeId): Promise<boolean> {
    this.inputs = {};
    if (this.cache.isCached(id)) {
      const shown = this.cache.shown(id);
      if (shown) this.told.set(id, shown);
      this.#tell(id, 'executed', { output: shown?.output ?? null });
      this.#progress.finish(id);
      return true;
    }
    const result = this.#expanded.get(id);
    if (result) {
      this.#expanded.delete(id);
      this.cache.set(id, { outputs: result.map((value) => (isLink(value) ? this.#output(value) : value)) });
    } else if (!(await this.#run(id))) return false;
    this.#progress.finish(id);
    this.executed.add(id);
    return true;
  }

  async #run(id: NodeId): Promise<boolean> {
    const { class_type: classType, inputs } = this.graph.node(id);
    const node = this.options.nodes.get(classType);
    if (!node) throw new PythonError('KeyError', `'${classType}'`);
    this.#progress.start(id);
    this.inputs = this.#values(node, inputs);
    const { stage } = this.options;
    if (stage.clientId !== null) stage.node = this.graph.real(id);
    this.#tell(id, 'executing', {});

    const blocker = Object.values(this.inputs).find((value) => value instanceof ExecutionBlocker);
    if (blocker) {
      this.#tellBlocked(id, classType, blocker);
      this.cache.set(id, { outputs: outputsOf(node, this.options.shelf).map(() => new ExecutionBlocker(null)) });
      return true;
    }
    await stage.enterNode({ promptId: this.promptId, node: id, classType });
    this.#refuseUndeclared(classType, node, inputs);
    const { promptId, extraData } = this;
    const memory = this.memories.get(this.graph.kind(id)) ?? new Map<string, unknown>();
    const base = { id, classType, promptId, graph: this.graph.original, extraData, memory };
    const done = await node.run(this.inputs, stage.lend(base, this.#progress));

    if (done.shows && Object.keys(done.shows).length > 0) {
      const [real, parent] = [this.graph.real(id), this.graph.parent(id)];
      const meta = { node_id: id, display_node: real, parent_node: parent, real_node_id: real };
      this.cache.set(id, { shown: { meta, output: done.shows } });
      this.told.set(id, { meta, output: done.shows });
      this.#tell(id, 'executed', { output: done.shows });
    }
    if (!done.expand) {
      this.cache.set(id, { outputs: done.outputs ?? [] });
      return true;
    }
    this.#expand(id, done.expand);
    return false;
  }

  #expand(id: NodeId, into: Parameters<typeof expand>[2]): void {
    const { ids, result } = expand(this.graph, id, into);
    this.cache.beginInner(id, ids, this.changed);
    for (const each of ids) {
      if (this.options.nodes.get(this.graph.node(each).class_type)?.isOutput) this.order.add(each);
    }
    for (const value of result) if (isLink(value)) this.order.link(value[0], id);
    this.#expanded.set(id, result);
  }

  /** Declared constants, and every link that leads to a result, declared or not. */
  #values(node: SimulatedNode, inputs: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(inputs).flatMap(([name, value]) => {
        if (isLink(value)) return [[name, this.#output(value)]];
        return this.#declares(node, inputs, name) ? [[name, value]] : [];
      }),
    );
  }

  #declares(node: SimulatedNode, inputs: Record<string, unknown>, name: string): boolean {
    const { required, optional } = declaredOf(node, this.options.shelf, inputs);
    return Object.hasOwn(required, name) || Object.hasOwn(optional, name);
  }

  /** Python refuses to call with an argument it does not know. Undeclared constants never get that far. */
  #refuseUndeclared(classType: string, node: SimulatedNode, inputs: Record<string, unknown>): void {
    const name = Object.keys(inputs).find((each) => isLink(inputs[each]) && !this.#declares(node, inputs, each));
    if (name === undefined) return;
    const method = `${classType}.${node.method ?? 'execute'}()`;
    throw new PythonError('TypeError', `${method} got an unexpected keyword argument '${name}'`);
  }

  #output([from, slot]: [NodeId, number]): unknown {
    return this.cache.outputs(from)?.[slot] ?? null;
  }

  #tell(id: NodeId, type: 'executing' | 'executed', more: object): void {
    const data = { node: id, display_node: this.graph.real(id), ...more, prompt_id: this.promptId };
    this.options.stage.tell({ type, data } as SocketMessage);
  }

  /** Looks like an error and is none: the prompt goes on. */
  #tellBlocked(id: NodeId, classType: string, { message }: ExecutionBlocker): void {
    if (message === null) return;
    const data = {
      prompt_id: this.promptId,
      node_id: id,
      node_type: classType,
      executed: [...this.executed],
      exception_message: `Execution Blocked: ${message}`,
      exception_type: 'ExecutionBlocked',
      traceback: [],
      // A list here and an object in a real error.
      current_inputs: [] as unknown as Record<string, unknown>,
      current_outputs: [],
    };
    this.options.stage.tell({ type: 'execution_error', data }, true);
  }
}
