/** Turns what the socket says about one prompt into events of its run. Says what was heard; what happened is for the records to say. */

import { isLast, promptIdOf } from '../protocol/message.js';
import type { Preview } from '../protocol/preview.js';
import type { Graph, NodeId, NodeOutput, SocketMessage } from '../protocol/protocol.js';
import type { SocketEvent } from '../transport/connection.js';
import { initialProgress, type PromptProgress, reduce, type StoredProgress } from './progress.js';

export type HeardEvent =
  | { type: 'running' }
  | { type: 'progress'; progress: PromptProgress }
  | { type: 'preview'; image: Uint8Array; contentType: 'image/jpeg' | 'image/png'; nodeId?: NodeId }
  | { type: 'executed'; nodeId: NodeId; output: NodeOutput };

export type Announcement = { type: 'submitted' } | { type: 'adopted'; running: boolean };

export class Hearing {
  /** Whether the socket said that it has ended; the history may have it a moment later. */
  heardLast = false;
  /** Whether it said that all was made. */
  heardSuccess = false;
  #progress: PromptProgress;
  #announced = false;
  /** Whether it has begun to execute. */
  isRunning = false;
  /** Whether a socket was opened anew: ComfyUI may be another. */
  hasReconnected = false;
  /** Heard before the prompt was known to be accepted: the socket may be faster than the answer to the POST. */
  readonly #early: HeardEvent[] = [];
  readonly #outputs = new Map<NodeId, string>();

  constructor(
    graph: Graph,
    private readonly promptId: string,
    stored: StoredProgress | undefined,
    private readonly tell: (event: Announcement | HeardEvent) => void,
    private readonly lookNow: () => void,
  ) {
    this.#progress = initialProgress(graph, stored, promptId);
  }

  /** Tells that ComfyUI has the prompt, then what was heard of it before. */
  announce(event: Announcement): void {
    if (this.#announced) return;
    this.#announced = true;
    this.tell(event);
    for (const early of this.#early) this.tell(early);
  }

  /** Tells that the prompt runs, the first time. */
  runs(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.#say({ type: 'running' });
  }

  hear(event: SocketEvent): void {
    if (event.type === 'connected') {
      this.hasReconnected = true;
      // Something may have been said while there was no socket.
      this.lookNow();
    } else if (event.type === 'preview') this.#show(event);
    else if (promptIdOf(event) === this.promptId) this.#heed(event);
  }

  #heed(message: SocketMessage): void {
    this.runs();
    const progress = reduce(this.#progress, message);
    if (progress !== this.#progress) this.#say({ type: 'progress', progress });
    this.#progress = progress;
    if (message.type === 'executed' && message.data.output) this.#note(message.data.node, message.data.output);
    if (message.type === 'execution_success') this.heardSuccess = true;
    if (!isLast(message)) return;
    this.heardLast = true;
    this.lookNow();
  }

  #show({ promptId, image, contentType, nodeId }: Preview): void {
    if (promptId !== this.promptId) return;
    this.runs();
    if (this.#announced) this.tell({ type: 'preview', image, contentType, ...(nodeId !== undefined && { nodeId }) });
  }

  #note(nodeId: NodeId, output: NodeOutput): void {
    // A message that comes twice is told once.
    const text = JSON.stringify(output);
    if (this.#outputs.get(nodeId) === text) return;
    this.#outputs.set(nodeId, text);
    this.#say({ type: 'executed', nodeId, output });
  }

  #say(event: HeardEvent): void {
    if (this.#announced) this.tell(event);
    else if (event.type === 'progress' && this.#early.at(-1)?.type === 'progress')
      this.#early[this.#early.length - 1] = event;
    else this.#early.push(event);
  }
}
