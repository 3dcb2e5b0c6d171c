/**
 * HTTP requests to one ComfyUI, with limits on the size and duration of every response. Knows no routes.
 *
 * Uses `node:http` because `fetch` does not say whether a request left this machine, follows redirects, and sends headers of its own
 * (ComfyUI returns 403 if an `Origin` does not match).
 */
import http from 'node:http';
import https from 'node:https';
import { ComfyUIError, RequestRefusedError, UnreachableError } from '../../protocol/errors.js';
import type { Picker } from '../../protocol/json/json-stream.js';
import { hintOfCode, hintOfStatus } from '../../protocol/status.js';
import { type Address, routeUrl } from '../address.js';
import type { ComfyUITimings } from '../timings.js';
import { codeOf, type Deadline, deadline } from './deadline.js';
import { readJson } from './read-json.js';

export type Request = {
  method: 'GET' | 'POST';
  /** Path and query, after the server's URL. */
  path: string;
  body?: Uint8Array;
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** Which parts of a JSON response to keep; all by default. */
  picker?: Picker;
  /** For the whole response; `requestTimeoutMs` by default. */
  timeoutMs?: number;
};

/**
 * A request with a body may be received although its connection breaks, so it must not meet a connection that ComfyUI is closing. No server
 * closes one so soon.
 */
const MAX_IDLE_MS = 1_000;

type HttpTimings = Pick<ComfyUITimings, 'requestTimeoutMs' | 'fileTimeoutMs'>;

export type JsonResponse = { status: number; body: unknown };
export type FileResponse = { contentType: string; body: AsyncGenerator<Uint8Array, void> };

export class Http {
  readonly #address: Address;
  readonly #timings: HttpTimings;
  readonly #agent: http.Agent;
  /** For requests with a body. */
  readonly #freshAgent: http.Agent;
  readonly #closed = new AbortController();

  constructor(address: Address, timings: HttpTimings) {
    this.#address = address;
    this.#timings = timings;
    const { Agent } = address.url.protocol === 'https:' ? https : http;
    this.#agent = new Agent({ keepAlive: true });
    this.#freshAgent = new Agent({ keepAlive: true, timeout: MAX_IDLE_MS });
  }

  /** Returns status and body for any status. The body is undefined if it is not JSON. @throws UnreachableError */
  async json(request: Request): Promise<JsonResponse> {
    const limit = this.#limit(request);
    try {
      const response = await this.#request(request, limit.signal);
      const body = await readJson(response, describe(request), request.picker);
      return { status: response.statusCode ?? 0, body };
    } catch (error) {
      throw limit.toThrown(error);
    } finally {
      limit.stop();
    }
  }

  /** Sends JSON. Returns status and body as `json` does. @throws UnreachableError */
  post(path: string, body: object, signal: AbortSignal | undefined): Promise<JsonResponse> {
    const bytes = Buffer.from(JSON.stringify(body));
    return this.json({ method: 'POST', path, body: bytes, contentType: 'application/json', signal });
  }

  /**
   * Returns a file as a stream. Reading it throws UnreachableError if the connection is cut or stalls, and ComfyUIError above `maxBytes`.
   * A caller that does not read the body has to abort the signal.
   * @throws RequestRefusedError for a status 4xx, UnreachableError for others but 200
   */
  async open(request: Request, maxBytes: number): Promise<FileResponse> {
    const limit = this.#limit(request);
    try {
      const response = await this.#request(request, limit.signal);
      const status = response.statusCode ?? 0;
      if (status !== 200) response.destroy();
      if (status >= 400 && status < 500)
        throw new RequestRefusedError(`${describe(request)} returned ${status}`, status);
      if (status !== 200) throw new UnreachableError(`${describe(request)} returned ${status}`);
      // Also limits a body that is never read.
      limit.restart(this.#timings.fileTimeoutMs);
      response.once('close', limit.stop);
      return {
        contentType: response.headers['content-type'] ?? 'application/octet-stream',
        body: this.#read(response, limit, maxBytes, describe(request)),
      };
    } catch (error) {
      limit.stop();
      throw limit.toThrown(error);
    }
  }

  /** Closes the connections. Open requests throw a ComfyUIError. */
  close(): void {
    this.#closed.abort(new ComfyUIError('The ComfyUI client is closed'));
    this.#agent.destroy();
    this.#freshAgent.destroy();
  }

  async *#read(
    response: http.IncomingMessage,
    limit: Deadline,
    maxBytes: number,
    what: string,
  ): AsyncGenerator<Uint8Array, void> {
    const chunks: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
    let bytes = 0;
    try {
      for (;;) {
        // The timer runs while we wait for ComfyUI, not while our reader is busy.
        const stalled = setTimeout(
          () => response.destroy(new UnreachableError(`${what} stalled`)),
          this.#timings.requestTimeoutMs,
        );
        const next = await chunks.next().finally(() => clearTimeout(stalled));
        if (next.done) return;
        bytes += next.value.length;
        if (bytes > maxBytes) throw new ComfyUIError(`${what} returned more than ${maxBytes} bytes`);
        yield next.value;
      }
    } catch (error) {
      throw limit.toThrown(error);
    } finally {
      response.destroy();
      limit.stop();
    }
  }

  async #request(request: Request, signal: AbortSignal): Promise<http.IncomingMessage> {
    try {
      return await this.#send(request, signal, request.body ? this.#freshAgent : this.#agent);
    } catch (error) {
      // ComfyUI closed a kept-alive connection just as we used it. A GET is safe to retry; a POST may have been received.
      if (request.method !== 'GET' || !(error instanceof StaleConnection) || signal.aborted) throw error;
      return await this.#send(request, signal, false);
    }
  }

  #limit(request: Request): Deadline {
    const ms = request.timeoutMs ?? this.#timings.requestTimeoutMs;
    return deadline([request.signal, this.#closed.signal], ms, describe(request));
  }

  #send(request: Request, signal: AbortSignal, agent: http.Agent | false): Promise<http.IncomingMessage> {
    const { method, path, body, contentType } = request;
    const headers: http.OutgoingHttpHeaders = { ...this.#address.headers, accept: '*/*' };
    if (body) Object.assign(headers, { 'content-type': contentType, 'content-length': body.length });
    const { request: open } = this.#address.url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const sending = open(routeUrl(this.#address, path), { method, headers, signal, agent });
      let sent = false;
      const onConnect = () => {
        sent = true;
      };
      sending.once('socket', (socket) => (socket.connecting ? socket.once('connect', onConnect) : onConnect()));
      sending.once('response', resolve);
      sending.on('error', (cause) => {
        const stale = sending.reusedSocket && sent;
        reject(
          new (stale ? StaleConnection : UnreachableError)(
            `${describe(request)} failed${codeOf(cause)}${hintOfCode(codeOf(cause))}`,
            {
              cause,
              sent,
            },
          ),
        );
      });
      sending.end(body);
    });
  }
}

class StaleConnection extends UnreachableError {}

/** Returns the body of a response as `read` returns it. @throws UnreachableError if the status is not 200 or `read` returns undefined */
export function expected<T>(what: string, { status, body }: JsonResponse, read: (body: unknown) => T | undefined): T {
  if (status !== 200) throw new UnreachableError(`${what} returned ${status}${hintOfStatus(status)}`);
  const value = read(body);
  if (value === undefined) throw new UnreachableError(`${what} returned an unexpected body: is this a ComfyUI?`);
  return value;
}

/** Without the query, which may contain file names and a token. */
const describe = ({ method, path }: Request): string => `${method} ${path.split('?')[0]}`;
