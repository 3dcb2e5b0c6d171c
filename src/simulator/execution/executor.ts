/**
 * Runs prompts, one at a time: what is told before and after the nodes, and what is kept from one prompt to the next. The nodes
 * of one prompt are walked by PromptRun. Source of all orders: ComfyUI 0.3.64 and 0.8.0 as recorded.
 */
import type { HistoryEntry, NodeId, QueueItem, SocketMessage, StatusMessage } from '../../comfyui/protocol/protocol.js';
import type { Files, NodeRun, Shelf, SimulatedNode } from '../nodes/node.js';
import { PythonError } from '../python/python.js';
import type { Stage } from './execution-context.js';
import { describeFailure, Interrupted } from './execution-error.js';
import { type CacheMode, NodeCache } from './node-cache.js';
import { PromptRun } from './prompt-run.js';
import { RunningGraph } from './running-graph.js';

export type ExecutorOptions = {
  cacheMode: CacheMode;
  nodes: ReadonlyMap<string, SimulatedNode>;
  shelf: Shelf;
  files: Files;
  stage: Stage;
};

/** What the executor knows of a node that runs; the stage adds the rest. */
export type NodeBase = Pick<NodeRun, 'id' | 'classType' | 'promptId' | 'graph' | 'extraData' | 'memory'>;

export type Result = Omit<HistoryEntry, 'prompt'>;

export class Executor {
  readonly #cache: NodeCache;
  #memories = new Map<string, Map<string, unknown>>();

  constructor(private readonly options: ExecutorOptions) {
    this.#cache = new NodeCache(options.cacheMode);
  }

  /** Drops all results, as `POST /free` asks. */
  forget(): void {
    this.#cache.clear();
    this.#memories.clear();
  }

  /** Throws what ends the real worker's thread. Aborts by throwing the signal's reason. */
  async run([, promptId, prompt, extraData, roots]: QueueItem, signal: AbortSignal): Promise<Result> {
    const { stage } = this.options;
    // A careless client may send null; looking into it is what ends the worker.
    if (extraData === null) throw new PythonError('TypeError', "argument of type 'NoneType' is not iterable");
    stage.clientId = Object.hasOwn(extraData, 'client_id') ? (extraData.client_id as string) : null;

    const messages: StatusMessage[] = [];
    const note = (message: StatusMessage, toAll = false) => {
      messages.push(message);
      stage.tell({ type: message[0], data: message[1] } as SocketMessage, toAll);
    };
    note(['execution_start', { prompt_id: promptId, timestamp: Date.now() }]);

    const graph = new RunningGraph(prompt);
    const ids = Object.keys(prompt);
    const changed = this.#changed(graph);
    this.#cache.begin(graph, ids, changed);
    // An instance of a node lives as long as each next prompt has its id with its class.
    this.#memories = new Map(
      ids.map((id) => graph.kind(id)).map((kind) => [kind, this.#memories.get(kind) ?? new Map()]),
    );
    const cached = ids.filter((id) => this.#cache.isCached(id));
    note(['execution_cached', { nodes: cached, prompt_id: promptId, timestamp: Date.now() }]);

    const run = new PromptRun(promptId, graph, extraData, changed, this.#cache, this.#memories, this.options);
    for (const root of roots) run.order.add(root);
    const failed = await run.toTheEnd(signal);
    if (!failed) note(['execution_success', { prompt_id: promptId, timestamp: Date.now() }]);
    else {
      const id = graph.real(failed.node);
      const where = { prompt_id: promptId, node_id: id, node_type: graph.node(id).class_type };
      const base = { ...where, executed: [...run.executed] };
      if (failed.error instanceof Interrupted) {
        note(['execution_interrupted', { ...base, timestamp: Date.now() }], true);
      } else {
        const failure = describeFailure(failed.error, run.inputs);
        note(['execution_error', { ...base, ...failure, current_outputs: ids, timestamp: Date.now() }]);
      }
    }
    stage.node = null;
    const status = { status_str: failed ? 'error' : 'success', completed: !failed, messages } as const;
    return { ...this.#shown(run), status };
  }

  /** All that the cache has for this graph; in newer versions only what was told in this run. */
  #shown(run: PromptRun): Pick<Result, 'outputs' | 'meta'> {
    const all = this.options.shelf.version === '0.3.64';
    const ids = all ? this.#cache.ids() : [...run.told.keys()];
    const shown = ids.flatMap((id) => {
      const each = all ? this.#cache.shown(id) : run.told.get(id);
      return each ? [[id, each] as const] : [];
    });
    return {
      outputs: Object.fromEntries(shown.map(([id, { output }]) => [id, output])),
      meta: Object.fromEntries(shown.map(([id, { meta }]) => [id, meta])),
    };
  }

  /** Asks each node once whether it changed; the answer joins the graph, and so the metadata of the files. */
  #changed(graph: RunningGraph): (id: NodeId) => unknown {
    const answers = new Map<NodeId, unknown>();
    return (id) => {
      if (answers.has(id)) return answers.get(id);
      const node = graph.node(id);
      const definition = this.options.nodes.get(node.class_type);
      let answer: unknown = definition?.usesId ? id : false;
      if (definition?.changed) {
        try {
          answer = [definition.changed(node.inputs, this.options.files)];
          Object.assign(node, { is_changed: answer });
        } catch {
          // What cannot be asked, a file that is gone for one, never counts as unchanged.
          answer = Symbol('changed');
        }
      }
      answers.set(id, answer);
      return answer;
    };
  }
}
