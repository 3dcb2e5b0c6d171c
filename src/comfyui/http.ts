/**
 * HTTP to one ComfyUI, with every answer bounded in bytes and time. Knows no routes.
 *
 * `node:http` and not `fetch`: it says whether a request left this machine, follows no redirects, and sends no header of its
 * own (ComfyUI answers 403 where an `Origin` does not match).
 */
import http from 'node:http';
import https from 'node:https';
import { ComfyUIError, RequestRefusedError, UnreachableError } from './errors.js';
import { isObject, isString, parseJson } from './json.js';
import { linked } from './linked.js';

const MAX_JSON_BYTES = 64 * 1024 * 1024;
/** A file may come slowly, but not for ever. */
const MAX_BODY_MS = 10 * 60_000;

export type Request = {
  method: 'GET' | 'POST';
  /** Path and query, after the server's URL. */
  path: string;
  body?: Uint8Array;
  contentType?: string;
  signal?: AbortSignal | undefined;
};

export type JsonAnswer = { status: number; body: unknown };
export type BodyAnswer = { contentType: string; body: AsyncGenerator<Uint8Array, void> };

type Timer = { signal: AbortSignal; fail(error: unknown): Error; again(ms: number): void; stop(): void };

export class Http {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #headers: Record<string, string>;
  readonly #agent: http.Agent;
  readonly #closed = new AbortController();

  constructor(url: URL, headers: Record<string, string>, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    this.#headers = headers;
    this.#agent = new (url.protocol === 'https:' ? https : http).Agent({ keepAlive: true });
  }

  /** Status and body, whatever the status; a body that is not JSON is undefined. Throws UnreachableError. */
  async json(request: Request): Promise<JsonAnswer> {
    const timer = this.#timer(request);
    try {
      const response = await this.#ask(request, timer.signal);
      const body = await readAll(response, MAX_JSON_BYTES, describe(request));
      return { status: response.statusCode ?? 0, body: parseJson(body.toString('utf8')) };
    } catch (error) {
      throw timer.fail(error);
    } finally {
      timer.stop();
    }
  }

  /**
   * The body of a file as it comes. Throws RequestRefusedError (4xx) and UnreachableError before there is a body; afterwards the
   * body throws: UnreachableError where it is cut or stalls, ComfyUIError past `maxBytes`. Who does not read it aborts the signal.
   */
  async open(request: Request, maxBytes: number): Promise<BodyAnswer> {
    const timer = this.#timer(request);
    try {
      const response = await this.#ask(request, timer.signal);
      const status = response.statusCode ?? 0;
      if (status !== 200) response.destroy();
      if (status >= 400 && status < 500)
        throw new RequestRefusedError(`${describe(request)} was answered ${status}`, status);
      if (status !== 200) throw new UnreachableError(`${describe(request)} was answered ${status}`);
      // Bounds a body that nobody reads as well.
      timer.again(MAX_BODY_MS);
      response.once('close', timer.stop);
      return {
        contentType: response.headers['content-type'] ?? 'application/octet-stream',
        body: this.#read(response, timer, maxBytes, describe(request)),
      };
    } catch (error) {
      timer.stop();
      throw timer.fail(error);
    }
  }

  /** Ends what is under way with a ComfyUIError, and the connections. */
  close(): void {
    this.#closed.abort(new ComfyUIError('This client has been closed'));
    this.#agent.destroy();
  }

  async *#read(
    response: http.IncomingMessage,
    timer: Timer,
    maxBytes: number,
    what: string,
  ): AsyncGenerator<Uint8Array, void> {
    const chunks: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
    let bytes = 0;
    try {
      for (;;) {
        // The clock runs while we wait for ComfyUI, not while our reader is busy.
        const stalled = setTimeout(() => response.destroy(new UnreachableError(`${what} stalled`)), this.#timeoutMs);
        const next = await chunks.next().finally(() => clearTimeout(stalled));
        if (next.done) return;
        bytes += next.value.length;
        if (bytes > maxBytes) throw new ComfyUIError(`${what} is longer than ${maxBytes} bytes`);
        yield next.value;
      }
    } catch (error) {
      throw timer.fail(error);
    } finally {
      response.destroy();
      timer.stop();
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

  #send(request: Request, signal: AbortSignal, agent: http.Agent | false): Promise<http.IncomingMessage> {
    const { method, path, body, contentType } = request;
    const headers: http.OutgoingHttpHeaders = { ...this.#headers, accept: '*/*' };
    if (body) Object.assign(headers, { 'content-type': contentType, 'content-length': body.length });
    const { request: open } = this.#url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      // A body goes over a connection of its own, so that its failure is its own.
      const sending = open(joined(this.#url, path), { method, headers, signal, agent: body ? false : agent });
      let sent = false;
      const onConnect = () => {
        sent = true;
      };
      sending.once('socket', (socket) => (socket.connecting ? socket.once('connect', onConnect) : onConnect()));
      sending.once('response', resolve);
      sending.on('error', (cause) => {
        const stale = sending.reusedSocket && sent;
        reject(
          new (stale ? StaleConnection : UnreachableError)(`${describe(request)} failed${code(cause)}`, {
            cause,
            sent,
          }),
        );
      });
      sending.end(body);
    });
  }

  /** Aborts when the caller does, when this client is closed, and when the time is over; `fail` says which it was. */
  #timer(request: Request): Timer {
    const link = linked([request.signal, this.#closed.signal]);
    const { signal } = link;
    const expire = () => link.abort(new UnreachableError(`${describe(request)} took too long`));
    let timeout = setTimeout(expire, this.#timeoutMs);
    return {
      signal,
      fail: (error) => {
        const reason: unknown = signal.aborted ? signal.reason : error;
        // What the caller aborted with is passed on as it is, whatever it is.
        if (signal.aborted || reason instanceof ComfyUIError) return reason as Error;
        return new UnreachableError(`${describe(request)} was cut${code(reason)}`, { cause: reason });
      },
      again: (ms) => {
        clearTimeout(timeout);
        timeout = setTimeout(expire, ms);
      },
      stop: () => {
        clearTimeout(timeout);
        link.unlink();
      },
    };
  }
}

class StaleConnection extends UnreachableError {}

async function readAll(response: http.IncomingMessage, maxBytes: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new UnreachableError(`${what} was answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Without the query, which names files. */
const describe = ({ method, path }: Request): string => `${method} ${path.split('?')[0]}`;

const joined = (url: URL, path: string): URL => new URL(url.href.replace(/\/$/, '') + path);

const code = (error: unknown): string => (isObject(error) && isString(error.code) ? `: ${error.code}` : '');
