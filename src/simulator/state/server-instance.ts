/**
 * One life of the simulated server, from its start to its end: queue, history, counter, sockets and worker. A restart ends
 * one and begins another; files, faults and the journal are not in here.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Features, NodeId, QueueItem, SocketMessage } from '../../comfyui/protocol/protocol.js';
import { Stage } from '../execution/execution-context.js';
import { Executor } from '../execution/executor.js';
import type { Faults } from '../faults/faults.js';
import { damage } from '../faults/output-faults.js';
import type { Shelf, SimulatedNode } from '../nodes/node.js';
import type { Settings } from '../options.js';
import { hash } from '../pictures/random.js';
import { Sockets } from '../server/sockets.js';
import { type Verdict, validate } from '../validation/validate.js';
import { isSince } from '../version.js';
import { type Folders, NodeFiles } from './folders.js';
import type { Journal } from './journal.js';
import { PromptQueue } from './prompt-queue.js';

const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;

/** What goes on from one life to the next. */
export type World = {
  settings: Settings;
  folders: Folders;
  faults: Faults;
  journal: Journal;
  nodes: ReadonlyMap<string, SimulatedNode>;
};

export class Life {
  readonly queue: PromptQueue;
  readonly sockets: Sockets;
  readonly shelf: Shelf;
  readonly features: Features;
  readonly #files: NodeFiles;
  readonly #ended = new AbortController();
  readonly #stage: Stage;
  readonly #executor: Executor;
  readonly #worker: Promise<void>;
  /** The `number` of the next prompt that does not bring its own. */
  #counter = 0;
  #frees = false;

  /** `crash` is called where the real server's process would end. */
  constructor(
    readonly world: World,
    crash: () => void,
  ) {
    const { settings, folders, faults, nodes } = world;
    const { signal } = this;
    this.features = { supports_preview_metadata: true, max_upload_size: MAX_UPLOAD_BYTES };
    if (settings.version !== '0.3.64') this.features.extension = { manager: { supports_v4: true } };
    if (isSince('0.33', settings.version)) {
      Object.assign(this.features, { supports_model_type_tags: true, node_replacements: true, assets: false });
    }
    this.shelf = { ...settings, inputs: () => folders.inputs() };
    this.#files = new NodeFiles(folders, async (item, bytes) =>
      damage(await faults.reach('output', { type: item.type }, signal), item, bytes),
    );
    this.queue = new PromptQueue(() => this.sockets.publish(this.#status(), null));
    this.sockets = new Sockets(this.features, faults, (sid) => this.#greeting(sid), crash, signal);
    const shared = { settings, faults, sockets: this.sockets, files: this.#files, shelf: this.shelf, nodes };
    this.#stage = new Stage({ ...shared, signal });
    this.#executor = new Executor({ ...shared, stage: this.#stage, cacheMode: settings.cacheMode });
    this.#worker = this.#work().catch((error: unknown) => {
      if (!signal.aborted) settings.logger.warn({ error }, 'The worker thread died: nothing runs any more');
    });
  }

  /** Aborts when this life ends. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  async end(): Promise<void> {
    this.#ended.abort();
    this.sockets.close();
    await this.#worker;
  }

  /** Throws a PythonError for what is answered 500. */
  validate(prompt: unknown, targets: unknown): Verdict {
    const { nodes, settings } = this.world;
    const { hashSeed } = settings;
    const orderRoots = (roots: NodeId[]) =>
      hashSeed === undefined ? roots : roots.toSorted((a, b) => hash(`${hashSeed}${a}`) - hash(`${hashSeed}${b}`));
    return validate(prompt, targets, { nodes, shelf: this.shelf, files: this.#files, orderRoots });
  }

  /** Counts refused prompts, too. Below zero, and so before all others, for a prompt that wants to the front. */
  nextNumber(front: boolean): number {
    const number = front ? -this.#counter : this.#counter;
    this.#counter += 1;
    return number;
  }

  /** Without an id whatever runs. */
  interrupt(promptId?: string): void {
    if (promptId === undefined) this.world.journal.interruptedAll();
    else if (!this.queue.running.some((item) => item[1] === promptId)) return;
    this.#stage.interrupted = true;
  }

  /** Drops the cache, after the running prompt if one runs. */
  free(): void {
    this.#frees = true;
    if (this.queue.running.length === 0) this.#freeNow();
  }

  async #work(): Promise<void> {
    for (;;) {
      const taken = await this.queue.take(this.signal);
      if (!taken) return;
      await this.#run(taken.item, taken.ticket);
      if (this.#frees) this.#freeNow();
    }
  }

  async #run(item: QueueItem, ticket: number): Promise<void> {
    const { faults, journal, settings } = this.world;
    const stage = this.#stage;
    const promptId = item[1];
    // The worker is another thread: it begins a moment after the item is listed as running.
    await turn();
    await stage.pass('start', { promptId });
    // An interrupt that came since the item was taken is lost here.
    stage.interrupted = false;
    journal.note('executed', promptId);
    const result = await this.#executor.run(item, this.signal);
    const last = result.status.messages.at(-1)?.[0];
    if (last === 'execution_success') journal.note('succeeded', promptId);
    else journal.note(last === 'execution_interrupted' ? 'interrupted' : 'failed', promptId);
    // The event is out, the entry is not there yet.
    await faults.reach('success', { promptId }, this.signal);
    if (settings.historyLagMs > 0) await sleep(settings.historyLagMs, undefined, { signal: this.signal });
    else await turn();
    this.signal.throwIfAborted();
    this.queue.done(ticket, result);
    stage.tell({ type: 'executing', data: { node: null, prompt_id: promptId } });
  }

  #freeNow(): void {
    this.#frees = false;
    this.#executor.forget();
  }

  #status(sid?: string): SocketMessage {
    const status = { exec_info: { queue_remaining: this.queue.remaining } };
    return { type: 'status', data: sid === undefined ? { status } : { status, sid } };
  }

  /** Nothing of what was missed, but for the node that runs. */
  #greeting(sid: string): SocketMessage[] {
    this.world.journal.sockets += 1;
    const { clientId, node } = this.#stage;
    const status = this.#status(sid);
    return clientId === sid && node !== null ? [status, { type: 'executing', data: { node } }] : [status];
  }
}
