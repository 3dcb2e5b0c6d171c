/** A client for one ComfyUI server: its routes as methods, its socket as a stream, and a prompt's run as a loop over events. */
import { ComfyUIError } from './protocol/errors.js';
import type { Preview } from './protocol/preview.js';
import type { Graph, PromptAccepted, SocketMessage } from './protocol/protocol.js';
import { Routes } from './routes.js';
import { cancel } from './run/cancel.js';
import type { RunEvent, RunOptions } from './run/prompt-follower.js';
import { run } from './run/run.js';
import { type SubmitRequest, submit } from './run/submit.js';
import { addressOf } from './transport/address.js';
import { Http } from './transport/http/http.js';
import { type Logger, silentLogger } from './transport/logger.js';
import { socketMessages } from './transport/socket/messages.js';
import { Sockets } from './transport/socket/sockets.js';
import { COMFYUI_TIMINGS, type ComfyUITimings } from './transport/timings.js';

export type ComfyUIOptions = {
  /**
   * `http(s)://[user:password@]host[:port][/prefix][?query]`. User and password are sent as basic authorization. The query is sent with
   * every request.
   */
  url: string;
  /** Sent with every request and on the socket. */
  headers?: Record<string, string>;
  /** The start of every client id, so that `/queue` shows which prompts are ours. */
  clientIdPrefix?: string;
  logger?: Logger;
  /** Overrides COMFYUI_TIMINGS, in milliseconds. */
  timings?: Partial<ComfyUITimings>;
  /** The largest file that `view` returns; 4 GiB by default. */
  maxViewBytes?: number;
};

export class ComfyUI extends Routes {
  /** Without credentials, query, default port and trailing slash: equal URLs are one server. */
  readonly url: string;
  readonly #sockets: Sockets;
  readonly #logger: Logger;
  readonly #closed = new AbortController();

  /** @throws ComfyUIError if the URL is not an http(s) URL */
  constructor({
    url,
    headers,
    clientIdPrefix = '',
    logger = silentLogger,
    timings: given,
    maxViewBytes,
  }: ComfyUIOptions) {
    const address = addressOf(url, headers);
    const timings = { ...COMFYUI_TIMINGS, ...given };
    super(new Http(address, timings), timings, maxViewBytes);
    this.url = address.url.href.replace(/\/$/, '');
    this.#logger = logger;
    this.#sockets = new Sockets(address, clientIdPrefix, timings, logger);
  }

  /** Opens the socket and keeps it open. Without it everything works, except progress and previews. */
  connect(): void {
    this.#sockets.connect();
  }

  /** Calls `listener` whenever the socket was lost: ComfyUI may have restarted with other nodes and models. */
  onLoss(listener: () => void): void {
    this.#sockets.onLoss(listener);
  }

  /** Whether the socket is open. */
  get connected(): boolean {
    return this.#sockets.connected;
  }

  /** When the socket last reported on any prompt, as milliseconds of `performance.now()`; 0 if it never has. */
  get lastPromptMessageAt(): number {
    return this.#sockets.lastPromptMessageAt;
  }

  /** The id that prompts are submitted under: the open socket's, else the next one's. Each connection has a new id. */
  get clientId(): string {
    return this.#sockets.clientId;
  }

  /** Closes the sockets and connections. Open runs and requests throw a ComfyUIError. */
  async close(): Promise<void> {
    this.#closed.abort(new ComfyUIError('The ComfyUI client is closed'));
    this.http.close();
    await this.#sockets.close();
  }

  /**
   * `POST /prompt`: queues a prompt. Integers beyond 2^53 in the graph (seeds reach 2^64 - 1) go as decimal strings, which ComfyUI converts.
   * @throws PromptRefusedError if ComfyUI rejects the graph. If only some outputs are valid it would run those: the prompt is
   *   canceled first, and `gone` says whether that succeeded.
   * @throws RequestRefusedError, UnsupportedError if this ComfyUI takes no prompts from us
   */
  submit(request: SubmitRequest, signal?: AbortSignal): Promise<PromptAccepted> {
    const { http, timings } = this;
    const context = { comfyui: this, http, sockets: this.#sockets, timings, logger: this.#logger };
    return submit(context, request, signal);
  }

  /**
   * Dequeues or interrupts the prompt, and repeats that until ComfyUI confirms it: `ended` if it is in the history, where it may have
   * succeeded first, `gone` if it is nowhere. Keeps trying while ComfyUI is unreachable. @throws the signal's reason
   */
  cancel(promptId: string, signal: AbortSignal): Promise<'gone' | 'ended'> {
    return cancel(this, promptId, this.timings, signal);
  }

  /**
   * The messages of the socket from now on, until the client is closed. A slow reader misses the oldest of more than 1000 messages, and
   * all but the newest preview of each prompt. @throws the signal's reason
   */
  messages(signal?: AbortSignal): AsyncGenerator<SocketMessage | Preview, void> {
    return socketMessages(this.#sockets, this.#closed.signal, signal);
  }

  /**
   * Submits the prompt, or resumes it wherever it is, and yields events up to `end`. Never submits an id that ComfyUI knows. Waits for an
   * unreachable ComfyUI until the signal aborts. Leaving the loop does not cancel the prompt: see `cancel`.
   * @throws PromptRefusedError, PromptLostError, RequestRefusedError, SubmitFailedError, UnsupportedError, the error of `beforeSubmit`,
   *   or the signal's reason
   */
  run(graph: Graph, options: RunOptions): AsyncIterable<RunEvent> {
    const context = { comfyui: this, sockets: this.#sockets, timings: this.timings, closed: this.#closed.signal };
    return run(context, graph, options);
  }
}
