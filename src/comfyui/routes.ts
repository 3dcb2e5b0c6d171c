/** The HTTP routes of one ComfyUI server as methods. */
import { ComfyUIError, UnreachableError } from './protocol/errors.js';
import { isObject, own, toStrings } from './protocol/json/json.js';
import type { Picker } from './protocol/json/json-stream.js';
import { historyPicker, queuePicker } from './protocol/pickers.js';
import type {
  Features,
  FileItem,
  FreeRequest,
  HistoryEntry,
  NodeInfo,
  ObjectInfo,
  Queue,
  SystemStats,
  Uploaded,
} from './protocol/protocol.js';
import { toHistoryEntry, toObjectInfo, toQueue, toSystemStats } from './protocol/responses.js';
import type { Rules } from './protocol/rules.js';
import { RulesReader } from './protocol/rules-reader.js';
import { MAX_VIEW_BYTES, uploadFile, viewFile } from './transport/http/files.js';
import { expected, type FileResponse, type Http } from './transport/http/http.js';
import type { Upload } from './transport/http/upload.js';
import type { ComfyUITimings } from './transport/timings.js';

/** Folders of `/models` without models: `custom_nodes` would list every file of every pack. */
const NOT_MODELS = ['configs', 'custom_nodes'];

const toNames = (body: unknown) => (Array.isArray(body) ? toStrings(body) : undefined);
const toObject = (body: unknown) => (isObject(body) ? body : undefined);

/**
 * Every method throws UnreachableError if ComfyUI gives no usable response (see there), and the signal's reason if the signal aborts.
 * A route that only newer versions of ComfyUI have is marked as such.
 */
export class Routes {
  constructor(
    protected readonly http: Http,
    protected readonly timings: ComfyUITimings,
    private readonly maxViewBytes = MAX_VIEW_BYTES,
  ) {}

  /** `GET /system_stats`: version, memory in bytes, and devices. */
  systemStats(signal?: AbortSignal): Promise<SystemStats> {
    return this.#get('/system_stats', signal, toSystemStats);
  }

  /** `GET /features`. Returns `{}` if ComfyUI is too old to have the route. */
  async features(signal?: AbortSignal): Promise<Features> {
    const response = await this.http.json({ method: 'GET', path: '/features', signal });
    if (response.status === 404) return {};
    return expected('GET /features', response, toObject);
  }

  /** `GET /object_info`: all node classes, megabytes if many custom nodes are installed. Integers beyond 2^53 are rounded. */
  objectInfo(signal?: AbortSignal): Promise<ObjectInfo> {
    return this.#get('/object_info', signal, toObjectInfo);
  }

  /** `GET /object_info/{class}`: everything about one node class; undefined if there is none. Integers beyond 2^53 are rounded. */
  async nodeInfo(className: string, signal?: AbortSignal): Promise<NodeInfo | undefined> {
    const info = await this.#get(`/object_info/${encodeURIComponent(className)}`, signal, toObjectInfo);
    return own(info, className);
  }

  /**
   * The inputs that node classes accept, for all classes or for one. Parsed while the response arrives, so that the whole of it is never
   * in memory. Empty if there is no such class.
   */
  async rules(className?: string, signal?: AbortSignal): Promise<Rules> {
    const reader = new RulesReader();
    const path = className === undefined ? '/object_info' : `/object_info/${encodeURIComponent(className)}`;
    const timeoutMs = className === undefined ? this.timings.catalogueTimeoutMs : this.timings.requestTimeoutMs;
    const response = await this.http.json({ method: 'GET', path, signal, picker: reader.picker, timeoutMs });
    expected(`GET ${path}`, response, toObject);
    return reader.rules;
  }

  /** `GET /models` and `/models/{folder}`: the filenames in each model folder, embeddings included. Undefined if ComfyUI is too old to have the route. */
  async modelFolders(signal?: AbortSignal): Promise<Map<string, string[]> | undefined> {
    const response = await this.http.json({ method: 'GET', path: '/models', signal });
    if (response.status === 404) return undefined;
    const folders = new Map<string, string[]>();
    for (const name of expected('GET /models', response, toNames).filter((each) => !NOT_MODELS.includes(each)))
      folders.set(name, await this.#get(`/models/${encodeURIComponent(name)}`, signal, toNames));
    return folders;
  }

  /** `GET /queue`. The graphs of the prompts, up to megabytes each, are skipped: each item's graph is `{}`. */
  queue(signal?: AbortSignal): Promise<Queue> {
    return this.#get('/queue', signal, toQueue, queuePicker);
  }

  /** `GET /history/{prompt_id}`. Undefined if the prompt has not ended, or ComfyUI does not know it. The graph in it is `{}`. */
  async history(promptId: string, signal?: AbortSignal): Promise<HistoryEntry | undefined> {
    const path = `/history/${encodeURIComponent(promptId)}`;
    return (await this.#get(path, signal, (body) => toHistoryEntry(body, promptId), historyPicker)) ?? undefined;
  }

  /** Removes one pending prompt with this id from the queue. Does nothing if there is none. */
  dequeue(promptId: string, signal?: AbortSignal): Promise<void> {
    return this.#command('/queue', { delete: [promptId] }, signal);
  }

  /** Deletes ended prompts from the history. Their files stay: ComfyUI has no route that deletes files. */
  forget(promptIds: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#command('/history', { delete: promptIds }, signal);
  }

  /**
   * Interrupts the prompt if it is running. ComfyUI may ignore the request while the prompt starts: `ComfyUI.cancel` repeats it.
   * @throws ComfyUIError if the id is empty: ComfyUI would interrupt any running prompt
   */
  async interrupt(promptId: string, signal?: AbortSignal): Promise<void> {
    if (promptId === '') throw new ComfyUIError('Cannot interrupt a prompt without an id');
    await this.#command('/interrupt', { prompt_id: promptId }, signal);
  }

  /** Frees memory after the running prompt, for all users of this ComfyUI. */
  free(request: FreeRequest, signal?: AbortSignal): Promise<void> {
    return this.#command('/free', request, signal);
  }

  /**
   * `GET /view`: a file that ComfyUI made or was given. The body throws if it is cut, stalls, or exceeds `maxViewBytes`. A caller that
   * does not read it to its end has to leave the loop or abort the signal.
   * @throws RequestRefusedError with its `status` if that is 4xx; 404 means that there is no such file
   */
  view(file: FileItem, signal?: AbortSignal): Promise<FileResponse> {
    return viewFile(this.http, file, this.maxViewBytes, signal);
  }

  /**
   * `POST /upload/image`: stores a file in ComfyUI's input folder. LoadImage takes it as `subfolder/name` of the returned object.
   * @throws RequestRefusedError with its `status` if that is 4xx
   */
  upload(upload: Upload, signal?: AbortSignal): Promise<Uploaded> {
    return uploadFile(this.http, upload, signal);
  }

  async #get<T>(
    path: string,
    signal: AbortSignal | undefined,
    read: (body: unknown) => T | undefined,
    picker?: Picker,
  ): Promise<T> {
    const response = await this.http.json({ method: 'GET', path, signal, ...(picker && { picker }) });
    return expected(`GET ${path}`, response, read);
  }

  async #command(path: string, body: object, signal: AbortSignal | undefined): Promise<void> {
    const { status } = await this.http.post(path, body, signal);
    if (status !== 200) throw new UnreachableError(`POST ${path} returned ${status}`);
  }
}
