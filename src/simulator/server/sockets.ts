/**
 * WebSockets by client id, and the one loop that sends to them. ComfyUI keeps one socket per id, sends one message at a time
 * and waits for each socket, so a socket that does not read blocks all of them. Messages for an id without a socket are dropped.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Features, SocketMessage } from '../../comfyui/protocol/protocol.js';
import type { Action, Faults } from '../faults/faults.js';
import { isObject, parseJson, writeJson } from '../python/json.js';

/** aiohttp's limit: a larger message from a client closes the socket with 1009. */
const MAX_INBOUND_BYTES = 4 * 1024 * 1024;

/** With more unsent bytes the loop waits for the socket; aiohttp's own mark is 64 KiB above the kernel's buffers. */
const MAX_UNSENT_BYTES = 64 * 1024;

const UNSENT_CHECK_MS = 20;

type Outgoing = { sid: string | null; type: string; promptId?: string; frame: string | Buffer };

export class Sockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_INBOUND_BYTES,
    // Accepted when offered, like aiohttp, but never used: compression would only cost time.
    perMessageDeflate: { threshold: Number.POSITIVE_INFINITY },
  });
  readonly #byId = new Map<string, WebSocket>();
  readonly #flags = new Map<string, unknown>();
  /** Messages that a fault delays until after the next one. */
  readonly #delayed = new Map<string, string | Buffer>();
  readonly #frozen = new Set<WebSocket>();
  #outgoing: Outgoing[] = [];
  #sending = false;

  constructor(
    private readonly features: Features,
    private readonly faults: Faults,
    /** The first messages of a new socket. */
    private readonly greeting: (sid: string) => SocketMessage[],
    /** Called for a client id that is a list or an object: ComfyUI's process ends there. */
    private readonly crash: () => void,
    /** Aborts when the instance stops. */
    private readonly signal: AbortSignal,
  ) {}

  accept(request: IncomingMessage, duplex: Duplex, head: Buffer, clientId: string): void {
    this.#server.handleUpgrade(request, duplex, head, (socket) => this.#open(socket, clientId));
  }

  #open(socket: WebSocket, clientId: string): void {
    const sid = clientId || randomUUID().replaceAll('-', '');
    this.#byId.set(sid, socket);
    this.#flags.set(sid, {});
    // Not through the loop: ComfyUI sends to a new socket at once.
    for (const message of this.greeting(sid)) this.#sendNow(sid, message);
    void this.faults.trigger('connect', {});
    let isFirst = true;
    socket.on('message', (data, isBinary) => {
      if (isBinary) return;
      let message: unknown;
      try {
        message = parseJson(String(data));
      } catch {
        return;
      }
      if (isFirst && isObject(message) && message.type === 'feature_flags') {
        this.#flags.set(sid, message.data ?? {});
        this.#sendNow(sid, { type: 'feature_flags', data: this.features });
      }
      isFirst = false;
    });
    socket.on('error', () => socket.terminate());
    // By id, like ComfyUI: when a replaced socket closes, its successor gets no more messages.
    socket.on('close', () => {
      this.#byId.delete(sid);
      this.#flags.delete(sid);
      this.#delayed.delete(sid);
      this.#frozen.delete(socket);
    });
  }

  /** Sends to one client, or to all when the id is null. */
  publish(message: SocketMessage, sid: string | null): void {
    const promptId = (message.data as { prompt_id?: string }).prompt_id;
    this.#enqueue({ sid, type: message.type, frame: writeJson(message), ...(promptId && { promptId }) });
  }

  /** Sends a binary frame or any text unchanged. */
  publishRaw(bytes: string | Uint8Array, sid: string | null, promptId?: string): void {
    const frame = typeof bytes === 'string' ? bytes : Buffer.from(bytes);
    this.#enqueue({ sid, type: 'binary', frame, ...(promptId !== undefined && { promptId }) });
  }

  /** Only the boolean `true` counts. */
  supportsPreviewMetadata(sid: string | null): boolean {
    const flags = sid === null ? undefined : this.#flags.get(sid);
    return isObject(flags) && flags.supports_preview_metadata === true;
  }

  get clientIds(): string[] {
    return [...this.#byId.keys()];
  }

  /** Whether a message to this client id would reach a socket. */
  hasClient(sid: string | null): boolean {
    return sid === null ? this.#byId.size > 0 : this.#byId.has(sid);
  }

  /** Open sockets stop reading, sending and answering pings. */
  freeze(): void {
    for (const socket of this.#server.clients) {
      socket.pause();
      this.#frozen.add(socket);
    }
  }

  unfreeze(): void {
    for (const socket of this.#frozen) socket.resume();
    this.#frozen.clear();
  }

  /** Cuts all connections. */
  disconnectAll(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  close(): void {
    this.#outgoing = [];
    this.disconnectAll();
    this.#server.close();
  }

  #enqueue(outgoing: Outgoing): void {
    this.#outgoing.push(outgoing);
    if (this.#sending) return;
    this.#sending = true;
    // Deferred, so that an HTTP response goes out before the events that its request causes.
    setImmediate(() => {
      this.#loop().catch((error: unknown) => {
        if (!this.signal.aborted) throw error;
      });
    });
  }

  async #loop(): Promise<void> {
    for (let next = this.#outgoing.shift(); next; next = this.#outgoing.shift()) {
      // At runtime a client id can be any JSON value.
      if (typeof next.sid === 'object' && next.sid !== null) return this.crash();
      for (const sid of next.sid === null ? [...this.#byId.keys()] : [next.sid]) {
        if (!this.#byId.has(sid)) continue;
        const { type, promptId } = next;
        const actions = this.faults.isArmed('message')
          ? await this.faults.trigger('message', promptId === undefined ? { type } : { type, promptId }, this.signal)
          : [];
        this.#send(sid, next.frame, actions);
        await this.#waitForDrain(this.#byId.get(sid));
      }
    }
    this.#sending = false;
  }

  /** Sends without the loop, to a socket that connects. */
  #sendNow(sid: string, message: SocketMessage): void {
    this.#send(sid, writeJson(message), this.faults.triggerSync('message', { type: message.type }));
  }

  #send(sid: string, bytes: string | Buffer, actions: Action[]): void {
    const socket = this.#byId.get(sid);
    if (!socket || this.#frozen.has(socket)) return;
    for (const action of actions) {
      if (action.do === 'insert') socket.send(action.frame);
      if (action.do === 'repeat') socket.send(bytes);
    }
    const does = new Set(actions.map((action) => action.do));
    if (does.has('omit')) return;
    const delayed = this.#delayed.get(sid);
    if (does.has('swap') && delayed === undefined) return void this.#delayed.set(sid, bytes);
    socket.send(bytes);
    if (delayed === undefined) return;
    this.#delayed.delete(sid);
    socket.send(delayed);
  }

  async #waitForDrain(socket: WebSocket | undefined): Promise<void> {
    while (socket && socket.readyState === socket.OPEN && socket.bufferedAmount > MAX_UNSENT_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, UNSENT_CHECK_MS));
    }
  }
}
