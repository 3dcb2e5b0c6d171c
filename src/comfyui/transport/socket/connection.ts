/**
 * One WebSocket to a ComfyUI under one client id, from opening to end. It ends by itself when the other side does not respond to pings or
 * does not report a queued prompt.
 */
import { WebSocket } from 'ws';
import { parseMessage, promptIdOf } from '../../protocol/message.js';
import { type Preview, parseFrame } from '../../protocol/preview.js';
import type { SocketMessage } from '../../protocol/protocol.js';
import { type Address, routeUrl } from '../address.js';
import type { Logger } from '../logger.js';
import type { ComfyUITimings } from '../timings.js';

const CLOSE_TIMEOUT_MS = 1_000;
/** Large enough for full-size images from SaveImageWebsocket and for `execution_error` with the text of tensors. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** `connected`: a socket has opened. Earlier messages may be lost, so ComfyUI's records have to be checked. */
export type SocketEvent = SocketMessage | Preview | { type: 'connected' };

export class Connection {
  /** Resolves when the connection has ended for any reason. Never rejects. */
  readonly ended: Promise<void>;
  readonly #socket: WebSocket;
  readonly #pingTimer: NodeJS.Timeout;
  #isAlive = true;
  #statusAt = Number.NEGATIVE_INFINITY;
  #statusTimer: NodeJS.Timeout | undefined;
  /** ComfyUI's response to our flags: if set, it sends each of our previews with metadata. */
  #hasPreviewMetadata = false;
  #lastPromptId: string | undefined;

  constructor(
    address: Address,
    readonly clientId: string,
    private readonly timings: ComfyUITimings,
    private readonly emit: (event: SocketEvent) => void,
    private readonly logger: Logger,
  ) {
    this.#socket = new WebSocket(socketUrl(address, clientId), {
      headers: address.headers,
      handshakeTimeout: timings.handshakeTimeoutMs,
      maxPayload: MAX_PAYLOAD_BYTES,
      perMessageDeflate: false,
    });
    this.#pingTimer = setInterval(() => this.#ping(), timings.pingIntervalMs);
    this.ended = new Promise((resolve) => {
      this.#socket.once('close', () => {
        clearInterval(this.#pingTimer);
        clearTimeout(this.#statusTimer);
        resolve();
      });
    });
    this.#socket.on('error', (error) => logger.debug({ err: error, clientId }, 'socket to ComfyUI failed'));
    this.#socket.on('open', () => this.#negotiate());
    this.#socket.on('pong', () => {
      this.#isAlive = true;
    });
    this.#socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Whether ComfyUI ever sent a `status`: a connection that opens and stays silent is no better than one that fails. */
  get hasWorked(): boolean {
    return this.#statusAt > 0;
  }

  /** A prompt was queued at `sinceMs` of `performance.now()`, so a `status` must arrive. If none does, the connection is closed. */
  expectStatus(sinceMs: number): void {
    if (!this.isOpen || this.#statusTimer) return;
    this.#statusTimer = setTimeout(() => {
      this.#statusTimer = undefined;
      if (this.#statusAt < sinceMs) this.#drop('it did not report a queued prompt');
    }, this.timings.statusTimeoutMs);
  }

  close(): void {
    // A socket that is still opening has to be terminated.
    if (!this.isOpen) this.#socket.terminate();
    else this.#socket.close(1000);
    const late = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
    this.#socket.once('close', () => clearTimeout(late));
  }

  #negotiate(): void {
    // ComfyUI accepts feature flags only in the first message of a socket, and only as the boolean true.
    this.#socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
    this.emit({ type: 'connected' });
  }

  #ping(): void {
    if (!this.isOpen) return;
    if (this.#isAlive) this.#socket.ping();
    else this.#drop('it does not respond to pings');
    this.#isAlive = false;
  }

  #drop(why: string): void {
    this.logger.warn({ clientId: this.clientId }, `closing a socket to ComfyUI: ${why}`);
    this.#socket.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#isAlive = true;
    if (isBinary) this.#onFrame(data);
    else this.#onText(data.toString('utf8'));
  }

  #onText(text: string): void {
    const message = parseMessage(text);
    if (!message) return;
    if (message.type === 'status') this.#statusAt = performance.now();
    if (message.type === 'feature_flags') this.#hasPreviewMetadata = message.data.supports_preview_metadata === true;
    this.#lastPromptId = promptIdOf(message) ?? this.#lastPromptId;
    this.emit(message);
  }

  #onFrame(data: Buffer): void {
    const frame = parseFrame(data);
    if (!frame) return;
    // With metadata, a frame without a prompt is for another client (one without a client id). Else it is of the last prompt that was named.
    const promptId = frame.promptId ?? (this.#hasPreviewMetadata ? undefined : this.#lastPromptId);
    if (promptId !== undefined) this.emit({ ...frame, type: 'preview', promptId });
  }
}

function socketUrl(address: Address, clientId: string): URL {
  const url = routeUrl(address, '/ws');
  url.protocol = address.url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('clientId', clientId);
  return url;
}
