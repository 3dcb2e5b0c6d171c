/**
 * The sockets by client id, and the one loop that sends to them. ComfyUI keeps one socket for each id, sends in turn, and waits for
 * each socket; so one that does not read stops all of them. Nothing is kept for an id without a socket.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Features, SocketMessage } from '../../comfyui/protocol/protocol.js';
import type { Action, Faults } from '../faults/faults.js';
import { isObject, parseJson, writeJson } from '../python/json.js';

/** aiohttp's limit: a larger message from a client closes its socket with 1009. */
const MAX_INBOUND_BYTES = 4 * 1024 * 1024;

/** So much unsent makes the loop wait for the socket; aiohttp's own mark is 64 KiB above the kernel's buffers. */
const MAX_UNSENT_BYTES = 64 * 1024;

const UNSENT_CHECK_MS = 20;

type Outgoing = { sid: string | null; type: string; promptId?: string; frame: string | Buffer };

export class Sockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_INBOUND_BYTES,
    // Accepted when offered, as aiohttp does, and then not used: it would only cost time.
    perMessageDeflate: { threshold: Number.POSITIVE_INFINITY },
  });
  readonly #byId = new Map<string, WebSocket>();
  readonly #flags = new Map<string, unknown>();
  /** Messages that a fault holds back until after the next one. */
  readonly #late = new Map<string, string | Buffer>();
  readonly #frozen = new Set<WebSocket>();
  #outgoing: Outgoing[] = [];
  #sending = false;

  constructor(
    private readonly features: Features,
    private readonly faults: Faults,
    /** What a new socket is told: how many prompts remain and, if it is the submitter's, the node that runs. */
    private readonly greeting: (sid: string) => SocketMessage[],
    /** A client id that is a list or an object cannot be looked up: the real server's process ends there. */
    private readonly crash: () => void,
    /** Aborts when there is nothing left to send. */
    private readonly signal: AbortSignal,
  ) {}

  accept(request: IncomingMessage, duplex: Duplex, head: Buffer, clientId: string): void {
    this.#server.handleUpgrade(request, duplex, head, (socket) => this.#open(socket, clientId));
  }

  #open(socket: WebSocket, clientId: string): void {
    const sid = clientId || randomUUID().replaceAll('-', '');
    this.#byId.set(sid, socket);
    this.#flags.set(sid, {});
    // Not through the loop: a new socket is greeted at once.
    for (const message of this.greeting(sid)) this.#sendNow(sid, message);
    void this.faults.reach('connect', {});
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
    // By id and not by socket: the end of a replaced socket makes its successor deaf, as in the real one.
    socket.on('close', () => {
      this.#byId.delete(sid);
      this.#flags.delete(sid);
      this.#late.delete(sid);
      this.#frozen.delete(socket);
    });
  }

  /** To one client, or to all when the id is null. */
  publish(message: SocketMessage, sid: string | null): void {
    const promptId = (message.data as { prompt_id?: string }).prompt_id;
    this.#enqueue({ sid, type: message.type, frame: writeJson(message), ...(promptId && { promptId }) });
  }

  /** A binary frame, or anything at all, as it is. */
  publishRaw(bytes: string | Uint8Array, sid: string | null, promptId?: string): void {
    const frame = typeof bytes === 'string' ? bytes : Buffer.from(bytes);
    this.#enqueue({ sid, type: 'binary', frame, ...(promptId !== undefined && { promptId }) });
  }

  /** Only the boolean `true` counts. Without a client id nobody has said so. */
  knowsPreviewMetadata(sid: string | null): boolean {
    const flags = sid === null ? undefined : this.#flags.get(sid);
    return isObject(flags) && flags.supports_preview_metadata === true;
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  /** Whether a message to this client would reach anyone. */
  hears(sid: string | null): boolean {
    return sid === null ? this.#byId.size > 0 : this.#byId.has(sid);
  }

  /** Stops reading, and so answering pings, and sending. */
  freeze(): void {
    for (const socket of this.#server.clients) {
      socket.pause();
      this.#frozen.add(socket);
    }
  }

  thaw(): void {
    for (const socket of this.#frozen) socket.resume();
    this.#frozen.clear();
  }

  /** Cuts all connections. */
  drop(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  close(): void {
    this.#outgoing = [];
    this.drop();
    this.#server.close();
  }

  #enqueue(outgoing: Outgoing): void {
    this.#outgoing.push(outgoing);
    if (this.#sending) return;
    this.#sending = true;
    // Later, so that an HTTP answer that is being written goes out before the events that it causes.
    setImmediate(() => {
      this.#loop().catch((error: unknown) => {
        if (!this.signal.aborted) throw error;
      });
    });
  }

  async #loop(): Promise<void> {
    for (let next = this.#outgoing.shift(); next; next = this.#outgoing.shift()) {
      // Types do not hold what a client sends as its id.
      if (typeof next.sid === 'object' && next.sid !== null) return this.crash();
      for (const sid of next.sid === null ? [...this.#byId.keys()] : [next.sid]) {
        if (!this.#byId.has(sid)) continue;
        const { type, promptId } = next;
        const actions = this.faults.expects('message')
          ? await this.faults.reach('message', promptId === undefined ? { type } : { type, promptId }, this.signal)
          : [];
        this.#send(sid, next.frame, actions);
        await this.#drained(this.#byId.get(sid));
      }
    }
    this.#sending = false;
  }

  /** At once, and not in the loop: what a socket that connects is told. */
  #sendNow(sid: string, message: SocketMessage): void {
    this.#send(sid, writeJson(message), this.faults.strike('message', { type: message.type }));
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
    const late = this.#late.get(sid);
    if (does.has('swap') && late === undefined) return void this.#late.set(sid, bytes);
    socket.send(bytes);
    if (late === undefined) return;
    this.#late.delete(sid);
    socket.send(late);
  }

  async #drained(socket: WebSocket | undefined): Promise<void> {
    while (socket && socket.readyState === socket.OPEN && socket.bufferedAmount > MAX_UNSENT_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, UNSENT_CHECK_MS));
    }
  }
}
