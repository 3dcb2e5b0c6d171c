/** One ComfyUI server: its routes as methods, its socket as a stream, and the walk of a prompt as a loop. */

import { ComfyUIError, RequestRefusedError, UnreachableError } from './protocol/errors.js';
import { isObject, toStrings } from './protocol/json.js';
import type { Picker } from './protocol/json-stream.js';
import { historyPicker, queuePicker } from './protocol/pickers.js';
import type { Preview } from './protocol/preview.js';
import type {
  Features,
  FileItem,
  FreeRequest,
  Graph,
  HistoryEntry,
  ObjectInfo,
  PromptAccepted,
  PromptRequest,
  Queue,
  SocketMessage,
  SystemStats,
  Uploaded,
} from './protocol/protocol.js';
import { toHistoryEntry, toObjectInfo, toQueue, toSystemStats, toUploaded } from './protocol/responses.js';
import type { Rules } from './protocol/rules.js';
import { RulesReader } from './protocol/rules-reader.js';
import { cancel } from './run/cancel.js';
import type { RunEvent, RunOptions } from './run/prompt-follower.js';
import { run } from './run/run.js';
import { judge, type SubmitRequest } from './run/submit.js';
import { addressOf } from './transport/address.js';
import { expected, Http, type JsonAnswer, type Request } from './transport/http.js';
import { type Logger, silent } from './transport/logger.js';
import { Mailbox } from './transport/mailbox.js';
import { Sockets } from './transport/sockets.js';
import { COMFYUI_TIMINGS, type ComfyUITimings } from './transport/timings.js';
import { multipart, type Upload } from './transport/upload.js';

const MAX_VIEW_BYTES = 256 * 1024 * 1024;
const MESSAGES_WAITING = 1_000;

export type ComfyUIOptions = {
  /** `http(s)://host[:port][/prefix][?query]`; a user and password in it are sent as basic authorization, the query with every request. */
  url: string;
  /** Sent with every request and on the socket. */
  headers?: Record<string, string>;
  /** Begins every client id, so that `/queue` shows whose a prompt is. */
  clientIdPrefix?: string;
  logger?: Logger;
  /** COMFYUI_TIMINGS where it does not say another. */
  timings?: Partial<ComfyUITimings>;
  /** For one file. 256 MiB unless told. */
  maxViewBytes?: number;
};

/** Every method that asks throws UnreachableError where ComfyUI gives no usable answer, and the signal's reason when aborted. */
export class ComfyUI {
  /** Without credentials, query, default port and trailing slash: two that are equal are one server. */
  readonly url: string;
  readonly #timings: ComfyUITimings;
  readonly #sockets: Sockets;
  readonly #http: Http;
  readonly #maxViewBytes: number;
  readonly #logger: Logger;
  readonly #closed = new AbortController();

  constructor(options: ComfyUIOptions) {
    const address = addressOf(options.url, options.headers);
    this.url = address.url.href.replace(/\/$/, '');
    this.#timings = { ...COMFYUI_TIMINGS, ...options.timings };
    this.#logger = options.logger ?? silent;
    this.#maxViewBytes = options.maxViewBytes ?? MAX_VIEW_BYTES;
    this.#http = new Http(address, this.#timings);
    this.#sockets = new Sockets(address, options.clientIdPrefix ?? '', this.#timings, this.#logger);
  }

  /** Opens the socket and keeps it open. Without it everything works, but without progress and previews. */
  connect(): void {
    this.#sockets.connect();
  }

  /** Calls `listener` whenever the socket was lost: ComfyUI may have restarted, and offer something else. */
  onLoss(listener: () => void): void {
    this.#sockets.onLoss(listener);
  }

  get connected(): boolean {
    return this.#sockets.connected;
  }

  /** When the socket last told of a prompt, ours or another's, in milliseconds of `performance`; 0 while it never has. */
  get heardAt(): number {
    return this.#sockets.heardAt;
  }

  /** The id that prompts are sent under: that of the open socket, else of the next one. A fresh one for each connection. */
  get clientId(): string {
    return this.#sockets.clientId;
  }

  /** Ends the sockets and connections; runs and requests under way throw a ComfyUIError. */
  async close(): Promise<void> {
    this.#closed.abort(new ComfyUIError('This client has been closed'));
    this.#http.close();
    await this.#sockets.close();
  }

  async systemStats(signal?: AbortSignal): Promise<SystemStats> {
    return this.#get('/system_stats', signal, toSystemStats);
  }

  /** `{}` where ComfyUI is too old to have the route. */
  async features(signal?: AbortSignal): Promise<Features> {
    const answer = await this.#http.json({ method: 'GET', path: '/features', signal });
    if (answer.status === 404) return {};
    return expected('GET /features', answer, (body) => (isObject(body) ? body : undefined));
  }

  /** The class catalogue: megabytes where many custom nodes are installed. Integers beyond 2^53 in it are rounded. */
  async objectInfo(signal?: AbortSignal): Promise<ObjectInfo> {
    return this.#get('/object_info', signal, toObjectInfo);
  }

  /** What the classes accept, read as it arrives: of all of them, or of one. Empty where there is no such class. */
  async rules(className?: string, signal?: AbortSignal): Promise<Rules> {
    const reader = new RulesReader();
    const path = className === undefined ? '/object_info' : `/object_info/${encodeURIComponent(className)}`;
    const timeoutMs = className === undefined ? this.#timings.catalogueTimeoutMs : this.#timings.requestTimeoutMs;
    const answer = await this.#http.json({ method: 'GET', path, signal, picker: reader.picker, timeoutMs });
    expected(`GET ${path}`, answer, (body) => (isObject(body) ? body : undefined));
    return reader.rules;
  }

  /** The files of each model folder. Undefined where ComfyUI is too old to have the route. */
  async modelFolders(signal?: AbortSignal): Promise<Map<string, string[]> | undefined> {
    const answer = await this.#http.json({ method: 'GET', path: '/models', signal });
    if (answer.status === 404) return undefined;
    const names = expected('GET /models', answer, (body) => (Array.isArray(body) ? toStrings(body) : undefined));
    const folders = new Map<string, string[]>();
    for (const name of names) {
      const path = `/models/${encodeURIComponent(name)}`;
      folders.set(name, await this.#get(path, signal, (body) => (Array.isArray(body) ? toStrings(body) : undefined)));
    }
    return folders;
  }

  /** Without the graphs of the prompts, which may be megabytes each. */
  async queue(signal?: AbortSignal): Promise<Queue> {
    return this.#get('/queue', signal, toQueue, queuePicker);
  }

  /** Undefined where the prompt has not ended, or is not known. */
  async history(promptId: string, signal?: AbortSignal): Promise<HistoryEntry | undefined> {
    const path = `/history/${encodeURIComponent(promptId)}`;
    return (await this.#get(path, signal, (body) => toHistoryEntry(body, promptId), historyPicker)) ?? undefined;
  }

  /**
   * Queues a prompt. Integers beyond 2^53 in the graph (seeds reach 2^64 - 1) go as decimal strings, which ComfyUI converts.
   * Throws PromptRefusedError, also where only some outputs are valid: those would run, so the prompt is taken back first.
   */
  async submit(
    { promptId, graph, clientId = this.#sockets.clientId, extraData }: SubmitRequest,
    signal?: AbortSignal,
  ): Promise<PromptAccepted> {
    const request: PromptRequest = {
      prompt: graph,
      prompt_id: promptId,
      // Always one: without it everybody is told of the prompt.
      client_id: clientId,
      // Previews are off in ComfyUI by default. 0.4.0 and newer take this for one prompt; older ones ignore it.
      extra_data: { preview_method: 'auto', ...extraData },
    };
    const sentAt = performance.now();
    const answer = judge(await this.#post('/prompt', request, signal), promptId);
    this.#sockets.expectStatus(sentAt);
    if (answer.verdict === 'accepted') return answer.accepted;
    throw answer.toError(await this.#takeBack(answer.promptId, signal));
  }

  /** Takes the prompt out of the queue or interrupts it, and looks until it is `gone`, or `ended` and in the history. */
  async cancel(promptId: string, signal: AbortSignal): Promise<'gone' | 'ended'> {
    return cancel(this, promptId, this.#timings, signal);
  }

  /** Removes one pending prompt of this id; nothing happens where there is none. */
  async dequeue(promptId: string, signal?: AbortSignal): Promise<void> {
    await this.#tell('/queue', { delete: [promptId] }, signal);
  }

  /** Deletes ended prompts from the history. Their files stay: ComfyUI has no route that deletes files. */
  async forget(promptIds: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.#tell('/history', { delete: promptIds }, signal);
  }

  /** Asks the prompt to stop, if it is the one that runs. ComfyUI may forget it: see `cancel`. */
  async interrupt(promptId: string, signal?: AbortSignal): Promise<void> {
    // Without an id this would interrupt whatever runs.
    if (promptId === '') throw new ComfyUIError('Only a prompt with an id can be interrupted');
    await this.#tell('/interrupt', { prompt_id: promptId }, signal);
  }

  /**
   * A file. Throws RequestRefusedError (404: no such file). The body throws when it is cut, stalls or grows past `maxViewBytes`;
   * a caller that does not read it to its end breaks out of the loop or aborts the signal.
   */
  async view(
    { filename, subfolder, type }: FileItem,
    signal?: AbortSignal,
  ): Promise<{ contentType: string; body: AsyncIterable<Uint8Array> }> {
    const query = new URLSearchParams({ filename, subfolder, type });
    return this.#http.open({ method: 'GET', path: `/view?${query}`, signal }, this.#maxViewBytes);
  }

  /** Stores a file in ComfyUI's input folder. The name to give LoadImage is `subfolder/name` of the answer. */
  async upload(upload: Upload, signal?: AbortSignal): Promise<Uploaded> {
    const answer = await this.#http.json({ method: 'POST', path: '/upload/image', ...multipart(upload), signal });
    const { status } = answer;
    if (status >= 400 && status < 500)
      throw new RequestRefusedError(`POST /upload/image was answered ${status}`, status);
    return expected('POST /upload/image', answer, toUploaded);
  }

  /** Frees memory after the prompt that runs. It does so for everyone who uses this ComfyUI. */
  async free(request: FreeRequest, signal?: AbortSignal): Promise<void> {
    await this.#tell('/free', request, signal);
  }

  /** What the socket says, from now on. A reader that is too slow misses the oldest, and all but the newest preview of a prompt. */
  async *messages(signal?: AbortSignal): AsyncGenerator<SocketMessage | Preview, void> {
    signal?.throwIfAborted();
    const mailbox = new Mailbox<SocketMessage | Preview>(
      (event) => (event.type === 'preview' ? event.promptId : undefined),
      MESSAGES_WAITING,
    );
    const unlisten = this.#sockets.listen((event) => {
      if (event.type !== 'connected') mailbox.push(event);
    });
    const abort = () => mailbox.fail(signal?.reason);
    const end = () => mailbox.end();
    signal?.addEventListener('abort', abort, { once: true });
    this.#closed.signal.addEventListener('abort', end, { once: true });
    try {
      yield* mailbox;
    } finally {
      unlisten();
      signal?.removeEventListener('abort', abort);
      this.#closed.signal.removeEventListener('abort', end);
    }
  }

  /**
   * Runs the prompt, or goes on with it wherever it is, to its `end`. Nothing is sent twice while ComfyUI knows the id, and an
   * unreachable ComfyUI is waited for until the signal aborts. Leaving the loop leaves the prompt to ComfyUI: see `cancel`.
   * Throws PromptRefusedError, PromptLostError, what `beforeSubmit` throws, and the signal's reason.
   */
  run(graph: Graph, options: RunOptions): AsyncIterable<RunEvent> {
    const context = {
      comfyui: this,
      sockets: this.#sockets,
      timings: this.#timings,
      closed: this.#closed.signal,
    };
    return run(context, graph, options);
  }

  async #takeBack(promptId: string, signal: AbortSignal | undefined): Promise<boolean> {
    const soon = AbortSignal.timeout(this.#timings.takeBackTimeoutMs);
    try {
      await this.cancel(promptId, signal ? AbortSignal.any([signal, soon]) : soon);
      return true;
    } catch (error) {
      this.#logger.warn({ err: error, promptId }, 'A prompt of which a part was refused could not be taken back');
      return false;
    }
  }

  async #get<T>(
    path: string,
    signal: AbortSignal | undefined,
    read: (body: unknown) => T | undefined,
    picker?: Picker,
  ): Promise<T> {
    const answer = await this.#http.json({ method: 'GET', path, signal, ...(picker && { picker }) });
    return expected(`GET ${path}`, answer, read);
  }

  async #tell(path: string, body: object, signal: AbortSignal | undefined): Promise<void> {
    const { status } = await this.#post(path, body, signal);
    if (status !== 200) throw new UnreachableError(`POST ${path} was answered ${status}`);
  }

  #post(path: string, body: object, signal: AbortSignal | undefined): Promise<JsonAnswer> {
    const request: Request = { method: 'POST', path, body: Buffer.from(JSON.stringify(body)), signal };
    return this.#http.json({ ...request, contentType: 'application/json' });
  }
}
