/**
 * One WebSocket to a ComfyUI under one client id, from its opening to its end. It notices by itself that the other side has
 * gone deaf or silent, and ends then; whether to open another is not its business.
 */
import { WebSocket } from 'ws';
import { parseMessage, promptIdOf } from '../protocol/message.js';
import { type Preview, parseFrame } from '../protocol/preview.js';
import type { SocketMessage } from '../protocol/protocol.js';
import { type Address, routeUrl } from './address.js';
import type { Logger } from './logger.js';
import type { ComfyUITimings } from './timings.js';

const CLOSE_WITHIN_MS = 1_000;
/** Large enough for full-size images from SaveImageWebsocket and for `execution_error` with the text of tensors. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** `connected`: a socket has opened; what was said before it is lost, so look. */
export type SocketEvent = SocketMessage | Preview | { type: 'connected' };

export class Connection {
  /** Settles when the connection has ended, however; never rejects. */
  readonly ended: Promise<void>;
  readonly #socket: WebSocket;
  readonly #pulse: NodeJS.Timeout;
  #alive = true;
  #statusAt = Number.NEGATIVE_INFINITY;
  #awaited: NodeJS.Timeout | undefined;
  /** Set by ComfyUI's answer to our flags: it then sends each of our previews with metadata, and never without. */
  #namesPreviews = false;
  #lastNamed: string | undefined;

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
    this.#pulse = setInterval(() => this.#beat(), timings.pingIntervalMs);
    this.ended = new Promise((resolve) => {
      this.#socket.once('close', () => {
        clearInterval(this.#pulse);
        clearTimeout(this.#awaited);
        resolve();
      });
    });
    this.#socket.on('error', (error) => logger.debug({ err: error, clientId }, 'A socket to ComfyUI failed'));
    this.#socket.on('open', () => this.#greet());
    this.#socket.on('pong', () => {
      this.#alive = true;
    });
    this.#socket.on('message', (data, isBinary) => this.#hear(data as Buffer, isBinary));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Whether ComfyUI ever spoke on it: a connection that opens and stays mute is no better than one that fails. */
  get wasHeard(): boolean {
    return this.#statusAt > 0;
  }

  /** A prompt was queued at `sinceMs` (of `performance`), so a `status` must come; else the connection is deaf and ends. */
  expectStatus(sinceMs: number): void {
    if (!this.isOpen || this.#awaited) return;
    this.#awaited = setTimeout(() => {
      this.#awaited = undefined;
      if (this.#statusAt < sinceMs) this.#drop('it did not tell of a prompt that was queued');
    }, this.timings.statusTimeoutMs);
  }

  close(): void {
    // terminate() while it still opens, too.
    if (!this.isOpen) this.#socket.terminate();
    else this.#socket.close(1000);
    const late = setTimeout(() => this.#socket.terminate(), CLOSE_WITHIN_MS);
    this.#socket.once('close', () => clearTimeout(late));
  }

  #greet(): void {
    // Only the first message of a socket can negotiate, and only the boolean true does.
    this.#socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
    this.emit({ type: 'connected' });
  }

  #beat(): void {
    if (!this.isOpen) return;
    if (this.#alive) this.#socket.ping();
    else this.#drop('it answers no pings');
    this.#alive = false;
  }

  #drop(why: string): void {
    this.logger.warn({ clientId: this.clientId }, `Dropping a socket to ComfyUI: ${why}`);
    this.#socket.terminate();
  }

  #hear(data: Buffer, isBinary: boolean): void {
    this.#alive = true;
    if (isBinary) this.#show(data);
    else this.#read(data.toString('utf8'));
  }

  #read(text: string): void {
    const message = parseMessage(text);
    if (!message) return;
    if (message.type === 'status') this.#statusAt = performance.now();
    if (message.type === 'feature_flags') this.#namesPreviews = message.data.supports_preview_metadata === true;
    this.#lastNamed = promptIdOf(message) ?? this.#lastNamed;
    this.emit(message);
  }

  #show(data: Buffer): void {
    const frame = parseFrame(data);
    if (!frame) return;
    // A frame that names no prompt is a stranger's (who has no client id) where ours are named; else the last one's that was named.
    const promptId = frame.promptId ?? (this.#namesPreviews ? undefined : this.#lastNamed);
    if (promptId !== undefined) this.emit({ ...frame, type: 'preview', promptId });
  }
}

function socketUrl(address: Address, clientId: string): URL {
  const url = routeUrl(address, '/ws');
  url.protocol = address.url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('clientId', clientId);
  return url;
}
