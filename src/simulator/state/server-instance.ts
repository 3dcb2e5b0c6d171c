/**
 * One run of the simulated server, from its start to its stop: queue, history, counter, sockets and worker. A restart stops
 * one instance and creates another. What survives a restart is in SharedState.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Features, NodeId, QueueItem, SocketMessage } from '../../comfyui/protocol/protocol.js';
import { ExecutionContext } from '../execution/execution-context.js';
import { Executor } from '../execution/executor.js';
import { applyOutputFaults } from '../faults/output-faults.js';
import { type ModelCatalog, modelFolders } from '../nodes/model-catalog.js';
import { hash } from '../pictures/random.js';
import { Sockets } from '../server/sockets.js';
import { type ValidationResult, validate } from '../validation/validate.js';
import { isSince } from '../version.js';
import { NodeFiles } from './folders.js';
import { PromptQueue } from './prompt-queue.js';
import type { SharedState } from './shared-state.js';

const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;

export class ServerInstance {
  readonly queue: PromptQueue;
  readonly sockets: Sockets;
  readonly catalog: ModelCatalog;
  readonly features: Features;
  readonly #files: NodeFiles;
  readonly #stopped = new AbortController();
  readonly #context: ExecutionContext;
  readonly #executor: Executor;
  readonly #worker: Promise<void>;
  /** The `number` of the next prompt that is submitted without one. */
  #counter = 0;
  #shouldFree = false;

  /** `crash` is called where ComfyUI's process would end. */
  constructor(
    readonly shared: SharedState,
    crash: () => void,
  ) {
    const { settings, folders, faults, nodes } = shared;
    const { signal } = this;
    this.features = { supports_preview_metadata: true, max_upload_size: MAX_UPLOAD_BYTES };
    if (settings.version !== '0.3.64') this.features.extension = { manager: { supports_v4: true } };
    if (isSince('0.33', settings.version)) {
      Object.assign(this.features, { supports_model_type_tags: true, node_replacements: true, assets: false });
    }
    this.catalog = { ...settings, folders: modelFolders(settings), inputs: () => folders.inputs() };
    this.#files = new NodeFiles(folders, async (item, bytes) =>
      applyOutputFaults(await faults.trigger('output', { type: item.type }, signal), item, bytes),
    );
    this.queue = new PromptQueue(() => this.sockets.publish(this.#status(), null));
    this.sockets = new Sockets(this.features, faults, (sid) => this.#initialMessages(sid), crash, signal);
    const common = { settings, faults, sockets: this.sockets, files: this.#files, catalog: this.catalog, nodes };
    this.#context = new ExecutionContext({ ...common, signal });
    this.#executor = new Executor({ ...common, context: this.#context, cacheMode: settings.cacheMode });
    this.#worker = this.#work().catch((error: unknown) => {
      if (!signal.aborted) settings.logger.warn({ error }, 'the worker thread died; no prompt runs any more');
    });
  }

  /** Aborts when this instance stops. */
  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.sockets.close();
    await this.#worker;
  }

  /** Throws a PythonError where ComfyUI responds with 500. */
  validate(prompt: unknown, targets: unknown): ValidationResult {
    const { nodes, settings } = this.shared;
    const { hashSeed } = settings;
    const orderRoots = (roots: NodeId[]) =>
      hashSeed === undefined ? roots : roots.toSorted((a, b) => hash(`${hashSeed}${a}`) - hash(`${hashSeed}${b}`));
    return validate(prompt, targets, { nodes, catalog: this.catalog, files: this.#files, orderRoots });
  }

  /** Rejected prompts count, too. With `front` the number is negative, which sorts before all others. */
  nextNumber(front: boolean): number {
    const number = front ? -this.#counter : this.#counter;
    this.#counter += 1;
    return number;
  }

  /** Interrupts the prompt if it runs; without an id, the running prompt. */
  interrupt(promptId?: string): void {
    if (promptId === undefined) this.shared.journal.recordGlobalInterrupt();
    else if (!this.queue.running.some((item) => item[1] === promptId)) return;
    this.#context.interrupted = true;
  }

  /** Clears the cache, after the running prompt if there is one. */
  free(): void {
    this.#shouldFree = true;
    if (this.queue.running.length === 0) this.#clearCache();
  }

  async #work(): Promise<void> {
    for (;;) {
      const taken = await this.queue.take(this.signal);
      if (!taken) return;
      await this.#run(taken.item, taken.ticket);
      if (this.#shouldFree) this.#clearCache();
    }
  }

  async #run(item: QueueItem, ticket: number): Promise<void> {
    const { faults, journal, settings } = this.shared;
    const context = this.#context;
    const promptId = item[1];
    // ComfyUI's worker is another thread: it starts a moment after the item is listed as running.
    await turn();
    await context.reachPoint('start', { promptId });
    // Like ComfyUI, discards an interrupt that arrived after the item was taken.
    context.interrupted = false;
    journal.record('executed', promptId);
    const result = await this.#executor.run(item, this.signal);
    const last = result.status.messages.at(-1)?.[0];
    if (last === 'execution_success') journal.record('succeeded', promptId);
    else journal.record(last === 'execution_interrupted' ? 'interrupted' : 'failed', promptId);
    // `execution_success` is sent; the history has no entry yet.
    await faults.trigger('success', { promptId }, this.signal);
    if (settings.historyLagMs > 0) await sleep(settings.historyLagMs, undefined, { signal: this.signal });
    else await turn();
    this.signal.throwIfAborted();
    this.queue.finish(ticket, result);
    context.publish({ type: 'executing', data: { node: null, prompt_id: promptId } });
  }

  #clearCache(): void {
    this.#shouldFree = false;
    this.#executor.clearCache();
  }

  #status(sid?: string): SocketMessage {
    const status = { exec_info: { queue_remaining: this.queue.remaining } };
    return { type: 'status', data: sid === undefined ? { status } : { status, sid } };
  }

  /** A new socket gets the status and, if it is the submitter's, the running node; no missed messages. */
  #initialMessages(sid: string): SocketMessage[] {
    this.shared.journal.sockets += 1;
    const { clientId, node } = this.#context;
    const status = this.#status(sid);
    return clientId === sid && node !== null ? [status, { type: 'executing', data: { node } }] : [status];
  }
}
