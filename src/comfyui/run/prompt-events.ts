/** Turns the socket's messages about one prompt into events of its run. The prompt's outcome comes from ComfyUI's records alone. */
import { isLast, promptIdOf } from '../protocol/message.js';
import type { ImageType, Preview } from '../protocol/preview.js';
import type { Graph, NodeId, NodeOutput, SocketMessage } from '../protocol/protocol.js';
import type { SocketEvent } from '../transport/socket/connection.js';
import { initialProgress, type PromptProgress, reduce, type StoredProgress } from './progress.js';

export type PromptEvent =
  | { type: 'running' }
  | { type: 'progress'; progress: PromptProgress }
  | { type: 'preview'; image: Uint8Array; contentType: ImageType; nodeId?: NodeId }
  | { type: 'executed'; nodeId: NodeId; output: NodeOutput };

/** `running`: the prompt is known to execute; a `running` event follows all the same. */
export type AcceptedEvent = { type: 'submitted' | 'adopted'; running: boolean };

type PromptListener = {
  emit: (event: AcceptedEvent | PromptEvent) => void;
  /** Called with each output at once; its event waits until the prompt is known to be accepted. */
  onOutput: ((nodeId: NodeId, output: NodeOutput) => void) | undefined;
  /** Called when ComfyUI's records are worth checking now. */
  wake: () => void;
};

/** How long an acceptance is held back for the start of the execution, so that a reader can handle both at once. */
const START_WAIT_MS = 5;

export class PromptEvents {
  /** The socket reported the end of the prompt. The history may have it a moment later. */
  hasEnded = false;
  /** The socket reported that all outputs were made. */
  hasSucceeded = false;
  /** The prompt has begun to execute. */
  isRunning = false;
  /** A socket was reopened: ComfyUI may have restarted. */
  hasReconnected = false;
  #progress: PromptProgress;
  #accepted: AcceptedEvent | undefined;
  #isAccepted = false;
  #timer: NodeJS.Timeout | undefined;
  /** Events from before the prompt was known to be accepted: the socket may be faster than the response to the POST. */
  readonly #early: PromptEvent[] = [];
  readonly #outputs = new Map<NodeId, string>();

  constructor(
    graph: Graph,
    private readonly promptId: string,
    stored: StoredProgress | undefined,
    private readonly listener: PromptListener,
  ) {
    this.#progress = initialProgress(graph, stored, promptId);
  }

  /** Emits that ComfyUI has the prompt, then the events that came before. Only the first call counts. */
  accept(event: AcceptedEvent): void {
    if (this.#accepted) return;
    this.#accepted = event;
    if (this.isRunning || event.running) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), START_WAIT_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    if (!this.#accepted || this.#isAccepted) return;
    clearTimeout(this.#timer);
    this.#isAccepted = true;
    this.listener.emit({ ...this.#accepted, running: this.#accepted.running || this.isRunning });
    for (const early of this.#early) this.listener.emit(early);
  }

  /** Emits `running` once. */
  markRunning(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.#emit({ type: 'running' });
    this.#flush();
  }

  receive(event: SocketEvent): void {
    if (event.type === 'connected') {
      this.hasReconnected = true;
      // Messages may have been missed while there was no socket.
      this.listener.wake();
    } else if (event.type === 'preview') this.#onPreview(event);
    else if (promptIdOf(event) === this.promptId) this.#onMessage(event);
  }

  #onMessage(message: SocketMessage): void {
    this.markRunning();
    const progress = reduce(this.#progress, message);
    if (progress !== this.#progress) this.#emit({ type: 'progress', progress });
    this.#progress = progress;
    if (message.type === 'executed' && message.data.output) this.#onOutput(message.data.node, message.data.output);
    if (message.type === 'execution_success') this.hasSucceeded = true;
    if (!isLast(message)) return;
    this.hasEnded = true;
    this.listener.wake();
  }

  #onPreview({ promptId, image, contentType, nodeId }: Preview): void {
    if (promptId !== this.promptId) return;
    this.markRunning();
    if (this.#isAccepted)
      this.listener.emit({ type: 'preview', image, contentType, ...(nodeId !== undefined && { nodeId }) });
  }

  #onOutput(nodeId: NodeId, output: NodeOutput): void {
    // A repeated message is emitted once.
    const text = JSON.stringify(output);
    if (this.#outputs.get(nodeId) === text) return;
    this.#outputs.set(nodeId, text);
    this.listener.onOutput?.(nodeId, output);
    this.#emit({ type: 'executed', nodeId, output });
  }

  #emit(event: PromptEvent): void {
    if (this.#isAccepted) this.listener.emit(event);
    else if (event.type === 'progress' && this.#early.at(-1)?.type === 'progress')
      this.#early[this.#early.length - 1] = event;
    else this.#early.push(event);
  }
}
