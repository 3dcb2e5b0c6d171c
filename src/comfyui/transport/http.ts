/**
 * HTTP to one ComfyUI, with every answer bounded in bytes and time. Knows no routes.
 *
 * `node:http` and not `fetch`: it says whether a request left this machine, follows no redirects, and sends no header of its
 * own (ComfyUI answers 403 where an `Origin` does not match).
 */
import http from 'node:http';
import https from 'node:https';
import { ComfyUIError, RequestRefusedError, UnreachableError } from '../protocol/errors.js';
import type { Picker } from '../protocol/json-stream.js';
import { hintOf, hintOfCode } from '../protocol/status.js';
import { type Address, routeUrl } from './address.js';
import { codeOf, type Deadline, deadline } from './deadline.js';
import { readJson } from './read-json.js';
import type { ComfyUITimings } from './timings.js';

export type Request = {
  method: 'GET' | 'POST';
  /** Path and query, after the server's URL. */
  path: string;
  body?: Uint8Array;
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** What of a JSON response is needed; all of it unless told. */
  picker?: Picker;
  /** For the whole response; `requestTimeoutMs` unless told. */
  timeoutMs?: number;
};

type HttpTimings = Pick<ComfyUITimings, 'requestTimeoutMs' | 'fileTimeoutMs'>;

export type JsonAnswer = { status: number; body: unknown };
export type BodyAnswer = { contentType: string; body: AsyncGenerator<Uint8Array, void> };

export class Http {
  readonly #address: Address;
  readonly #timings: HttpTimings;
  readonly #agent: http.Agent;
  readonly #closed = new AbortController();

  constructor(address: Address, timings: HttpTimings) {
    this.#address = address;
    this.#timings = timings;
    this.#agent = new (address.url.protocol === 'https:' ? https : http).Agent({ keepAlive: true });
  }

  /** Status and body, whatever the status; a body that is not JSON is undefined. Throws UnreachableError. */
  async json(request: Request): Promise<JsonAnswer> {
    const limit = this.#limit(request);
    try {
      const response = await this.#ask(request, limit.signal);
      const body = await readJson(response, describe(request), request.picker);
      return { status: response.statusCode ?? 0, body };
    } catch (error) {
      throw limit.fail(error);
    } finally {
      limit.stop();
    }
  }

  /**
   * The body of a file as it comes. Throws RequestRefusedError (4xx) and UnreachableError before there is a body; afterwards the
   * body throws: UnreachableError where it is cut or stalls, ComfyUIError past `maxBytes`. Who does not read it aborts the signal.
   */
  async open(request: Request, maxBytes: number): Promise<BodyAnswer> {
    const limit = this.#limit(request);
    try {
      const response = await this.#ask(request, limit.signal);
      const status = response.statusCode ?? 0;
      if (status !== 200) response.destroy();
      if (status >= 400 && status < 500)
        throw new RequestRefusedError(`${describe(request)} was answered ${status}`, status);
      if (status !== 200) throw new UnreachableError(`${describe(request)} was answered ${status}`);
      // Bounds a body that nobody reads as well.
      limit.again(this.#timings.fileTimeoutMs);
      response.once('close', limit.stop);
      return {
        contentType: response.headers['content-type'] ?? 'application/octet-stream',
        body: this.#read(response, limit, maxBytes, describe(request)),
      };
    } catch (error) {
      limit.stop();
      throw limit.fail(error);
    }
  }

  /** Ends what is under way with a ComfyUIError, and the connections. */
  close(): void {
    this.#closed.abort(new ComfyUIError('This client has been closed'));
    this.#agent.destroy();
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
        // The clock runs while we wait for ComfyUI, not while our reader is busy.
        const stalled = setTimeout(
          () => response.destroy(new UnreachableError(`${what} stalled`)),
          this.#timings.requestTimeoutMs,
        );
        const next = await chunks.next().finally(() => clearTimeout(stalled));
        if (next.done) return;
        bytes += next.value.length;
        if (bytes > maxBytes) throw new ComfyUIError(`${what} is longer than ${maxBytes} bytes`);
        yield next.value;
      }
    } catch (error) {
      throw limit.fail(error);
    } finally {
      response.destroy();
      limit.stop();
    }
  }

  async #ask(request: Request, signal: AbortSignal): Promise<http.IncomingMessage> {
    try {
      return await this.#send(request, signal, this.#agent);
    } catch (error) {
      // A kept connection that ComfyUI closed just as we used it. A question may be asked again; a POST may have been heard.
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
      // A body goes over a connection of its own, so that its failure is its own.
      const sending = open(routeUrl(this.#address, path), { method, headers, signal, agent: body ? false : agent });
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

/** Any status but 200 says nothing about what was asked; a body that cannot be read says nothing either. */
export function expected<T>(what: string, { status, body }: JsonAnswer, read: (body: unknown) => T | undefined): T {
  if (status !== 200) throw new UnreachableError(`${what} was answered ${status}${hintOf(status)}`);
  const answer = read(body);
  if (answer === undefined) throw new UnreachableError(`${what} was answered with something else than ComfyUI answers`);
  return answer;
}

/** Without the query, which names files and may hold a token. */
const describe = ({ method, path }: Request): string => `${method} ${path.split('?')[0]}`;
