/**
 * Runs prompts, one at a time: publishes the messages before and after the nodes, and keeps results for the next prompt. PromptRun
 * runs the nodes. The order of messages is that of recorded ComfyUI 0.3.64 and 0.8.0.
 */
import type { HistoryEntry, NodeId, QueueItem, SocketMessage, StatusMessage } from '../../comfyui/protocol/protocol.js';
import type { ModelCatalog } from '../nodes/model-catalog.js';
import type { Files, NodeRun, SimulatedNode } from '../nodes/node.js';
import { PythonError } from '../python/python.js';
import type { ExecutionContext } from './execution-context.js';
import { describeFailure, Interrupted } from './execution-error.js';
import { type CacheMode, NodeCache } from './node-cache.js';
import { PromptRun } from './prompt-run.js';
import { RunningGraph } from './running-graph.js';

export type ExecutorOptions = {
  cacheMode: CacheMode;
  nodes: ReadonlyMap<string, SimulatedNode>;
  catalog: ModelCatalog;
  files: Files;
  context: ExecutionContext;
};

/** What the executor knows of a running node; ExecutionContext adds the rest. */
export type NodeBase = Pick<NodeRun, 'id' | 'classType' | 'promptId' | 'graph' | 'extraData' | 'memory'>;

export type Result = Omit<HistoryEntry, 'prompt'>;

export class Executor {
  readonly #cache: NodeCache;
  #nodeMemories = new Map<string, Map<string, unknown>>();

  constructor(private readonly options: ExecutorOptions) {
    this.#cache = new NodeCache(options.cacheMode);
  }

  /** Drops all results, for `POST /free`. */
  clearCache(): void {
    this.#cache.clear();
    this.#nodeMemories.clear();
  }

  /** Throws the errors that end ComfyUI's worker, and the signal's reason when it aborts. */
  async run([, promptId, prompt, extraData, roots]: QueueItem, signal: AbortSignal): Promise<Result> {
    const { context } = this.options;
    // Null extra data ends ComfyUI's worker.
    if (extraData === null) throw new PythonError('TypeError', "argument of type 'NoneType' is not iterable");
    context.clientId = Object.hasOwn(extraData, 'client_id') ? (extraData.client_id as string) : null;

    const messages: StatusMessage[] = [];
    const record = (message: StatusMessage, toAll = false) => {
      messages.push(message);
      context.publish({ type: message[0], data: message[1] } as SocketMessage, toAll);
    };
    record(['execution_start', { prompt_id: promptId, timestamp: Date.now() }]);

    const graph = new RunningGraph(prompt);
    const ids = Object.keys(prompt);
    const cacheKeyOf = this.#cacheKeys(graph);
    this.#cache.begin(graph, ids, cacheKeyOf);
    // A node instance survives while each next prompt has its id with the same class.
    this.#nodeMemories = new Map(
      ids.map((id) => graph.instanceKey(id)).map((key) => [key, this.#nodeMemories.get(key) ?? new Map()]),
    );
    const cached = ids.filter((id) => this.#cache.isCached(id));
    record(['execution_cached', { nodes: cached, prompt_id: promptId, timestamp: Date.now() }]);

    const run = new PromptRun(promptId, graph, extraData, cacheKeyOf, this.#cache, this.#nodeMemories, this.options);
    for (const root of roots) run.order.add(root);
    const failed = await run.run(signal);
    if (!failed) record(['execution_success', { prompt_id: promptId, timestamp: Date.now() }]);
    else {
      const id = graph.realId(failed.node);
      const where = { prompt_id: promptId, node_id: id, node_type: graph.node(id).class_type };
      const base = { ...where, executed: [...run.executed] };
      if (failed.error instanceof Interrupted) {
        record(['execution_interrupted', { ...base, timestamp: Date.now() }], true);
      } else {
        const failure = describeFailure(failed.error, run.inputs);
        record(['execution_error', { ...base, ...failure, current_outputs: ids, timestamp: Date.now() }]);
      }
    }
    context.node = null;
    const status = { status_str: failed ? 'error' : 'success', completed: !failed, messages } as const;
    return { ...this.#historyOutputs(run), status };
  }

  /** 0.3.64 lists every cached output of the graph, newer versions only the outputs that this run reported. */
  #historyOutputs(run: PromptRun): Pick<Result, 'outputs' | 'meta'> {
    const all = this.options.catalog.version === '0.3.64';
    const ids = all ? this.#cache.ids() : [...run.reported.keys()];
    const outputs = ids.flatMap((id) => {
      const each = all ? this.#cache.ui(id) : run.reported.get(id);
      return each ? [[id, each] as const] : [];
    });
    return {
      outputs: Object.fromEntries(outputs.map(([id, { output }]) => [id, output])),
      meta: Object.fromEntries(outputs.map(([id, { meta }]) => [id, meta])),
    };
  }

  /** Computes each node's extra cache key once. Like ComfyUI, stores it in the graph, and so in the metadata of saved files. */
  #cacheKeys(graph: RunningGraph): (id: NodeId) => unknown {
    const keys = new Map<NodeId, unknown>();
    return (id) => {
      if (keys.has(id)) return keys.get(id);
      const node = graph.node(id);
      const definition = this.options.nodes.get(node.class_type);
      let key: unknown = definition?.usesId ? id : false;
      if (definition?.cacheKey) {
        try {
          key = [definition.cacheKey(node.inputs, this.options.files)];
          Object.assign(node, { is_changed: key });
        } catch {
          // After an error, such as a missing file, the node never counts as unchanged.
          key = Symbol('changed');
        }
      }
      keys.set(id, key);
      return key;
    };
  }
}
