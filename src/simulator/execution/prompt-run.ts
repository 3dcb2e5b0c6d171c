/** Runs the nodes of one prompt and publishes the messages of each node. */
import type { NodeId, SocketMessage } from '../../comfyui/protocol/protocol.js';
import { ExecutionBlocker, outputsOf, type SimulatedNode } from '../nodes/node.js';
import { PythonError } from '../python/python.js';
import { declaredInputs } from '../validation/dynamic-inputs.js';
import { WorkerDeath } from './execution-error.js';
import { ExecutionOrder } from './execution-order.js';
import type { ExecutorOptions } from './executor.js';
import { expand } from './expand.js';
import type { NodeCache, UiOutput } from './node-cache.js';
import { Progress } from './progress.js';
import { isLink, type RunningGraph } from './running-graph.js';

export class PromptRun {
  readonly order: ExecutionOrder;
  readonly executed = new Set<NodeId>();
  /** Outputs that were published as `executed`, cached or new. */
  readonly reported = new Map<NodeId, UiOutput>();
  /** The running node's inputs. */
  inputs: Record<string, unknown> = {};
  readonly #progress: Progress;
  /** Results of nodes that wait for the nodes they expanded into. */
  readonly #expanded = new Map<NodeId, unknown[]>();

  constructor(
    private readonly promptId: string,
    private readonly graph: RunningGraph,
    private readonly extraData: Record<string, unknown>,
    private readonly cacheKeyOf: (id: NodeId) => unknown,
    private readonly cache: NodeCache,
    private readonly memories: ReadonlyMap<string, Map<string, unknown>>,
    private readonly options: ExecutorOptions,
  ) {
    const isOutput = (classType: string) => options.nodes.get(classType)?.isOutput ?? false;
    this.order = new ExecutionOrder(graph, (id) => cache.isCached(id), isOutput);
    this.#progress = new Progress(promptId, graph, (nodes) =>
      options.context.publish({ type: 'progress_state', data: { prompt_id: promptId, nodes } }, true),
    );
  }

  /** Returns the first node that failed, if one did. Throws when the signal aborts. */
  async run(signal: AbortSignal): Promise<{ node: NodeId; error: unknown } | undefined> {
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

  /** Resolves to false when the node waits for the nodes it expanded into. */
  async #step(id: NodeId): Promise<boolean> {
    this.inputs = {};
    if (this.cache.isCached(id)) {
      const ui = this.cache.ui(id);
      if (ui) this.reported.set(id, ui);
      this.#publish(id, 'executed', { output: ui?.output ?? null });
      this.#progress.finish(id);
      return true;
    }
    const result = this.#expanded.get(id);
    if (result) {
      this.#expanded.delete(id);
      this.cache.set(id, { outputs: result.map((value) => (isLink(value) ? this.#output(value) : value)) });
    } else if (!(await this.#runNode(id))) return false;
    this.#progress.finish(id);
    this.executed.add(id);
    return true;
  }

  async #runNode(id: NodeId): Promise<boolean> {
    const { class_type: classType, inputs } = this.graph.node(id);
    const node = this.options.nodes.get(classType);
    if (!node) throw new PythonError('KeyError', `'${classType}'`);
    this.#progress.start(id);
    this.inputs = this.#inputValues(node, inputs);
    const { context } = this.options;
    if (context.clientId !== null) context.node = this.graph.realId(id);
    this.#publish(id, 'executing', {});

    const blocker = Object.values(this.inputs).find((value) => value instanceof ExecutionBlocker);
    if (blocker) {
      this.#publishBlocked(id, classType, blocker);
      this.cache.set(id, { outputs: outputsOf(node, this.options.catalog).map(() => new ExecutionBlocker(null)) });
      return true;
    }
    await context.enterNode({ promptId: this.promptId, node: id, classType });
    this.#rejectUndeclaredLinks(classType, node, inputs);
    const { promptId, extraData } = this;
    const memory = this.memories.get(this.graph.instanceKey(id)) ?? new Map<string, unknown>();
    const base = { id, classType, promptId, graph: this.graph.original, extraData, memory };
    const done = await node.run(this.inputs, context.toNodeRun(base, this.#progress));

    if (done.ui && Object.keys(done.ui).length > 0) {
      const [real, parent] = [this.graph.realId(id), this.graph.parentId(id)];
      const meta = { node_id: id, display_node: real, parent_node: parent, real_node_id: real };
      this.cache.set(id, { ui: { meta, output: done.ui } });
      this.reported.set(id, { meta, output: done.ui });
      this.#publish(id, 'executed', { output: done.ui });
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
    this.cache.beginSubcache(id, ids, this.cacheKeyOf);
    for (const each of ids) {
      if (this.options.nodes.get(this.graph.node(each).class_type)?.isOutput) this.order.add(each);
    }
    for (const value of result) if (isLink(value)) this.order.link(value[0], id);
    this.#expanded.set(id, result);
  }

  /** Declared constants and the results of all links, declared or not. */
  #inputValues(node: SimulatedNode, inputs: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(inputs).flatMap(([name, value]) => {
        if (isLink(value)) return [[name, this.#output(value)]];
        return this.#isDeclared(node, inputs, name) ? [[name, value]] : [];
      }),
    );
  }

  #isDeclared(node: SimulatedNode, inputs: Record<string, unknown>, name: string): boolean {
    const { required, optional } = declaredInputs(node, this.options.catalog, inputs);
    return Object.hasOwn(required, name) || Object.hasOwn(optional, name);
  }

  /** Python rejects an unknown argument. Undeclared constants were already dropped. */
  #rejectUndeclaredLinks(classType: string, node: SimulatedNode, inputs: Record<string, unknown>): void {
    const name = Object.keys(inputs).find((each) => isLink(inputs[each]) && !this.#isDeclared(node, inputs, each));
    if (name === undefined) return;
    const method = `${classType}.${node.method ?? 'execute'}()`;
    throw new PythonError('TypeError', `${method} got an unexpected keyword argument '${name}'`);
  }

  #output([from, slot]: [NodeId, number]): unknown {
    return this.cache.outputs(from)?.[slot] ?? null;
  }

  #publish(id: NodeId, type: 'executing' | 'executed', more: object): void {
    const data = { node: id, display_node: this.graph.realId(id), ...more, prompt_id: this.promptId };
    this.options.context.publish({ type, data } as SocketMessage);
  }

  /** The message looks like an error, but the prompt continues. */
  #publishBlocked(id: NodeId, classType: string, { message }: ExecutionBlocker): void {
    if (message === null) return;
    const data = {
      prompt_id: this.promptId,
      node_id: id,
      node_type: classType,
      executed: [...this.executed],
      exception_message: `Execution Blocked: ${message}`,
      exception_type: 'ExecutionBlocked',
      traceback: [],
      // ComfyUI sends a list here, and an object with a real error.
      current_inputs: [] as unknown as Record<string, unknown>,
      current_outputs: [],
    };
    this.options.context.publish({ type: 'execution_error', data }, true);
  }
}
