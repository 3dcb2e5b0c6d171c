/** The HTTP server: routes requests, applies faults and responds like aiohttp. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Point, PointDetails } from '../faults/faults.js';
import type { Simulator } from '../simulator.js';
import type { ServerInstance } from '../state/server-instance.js';
import { applyFault, INTERNAL_SERVER_ERROR, PAYLOAD_TOO_LARGE, readBody, send } from './respond.js';
import { control } from './routes/control.js';
import { FAULT_POINTS, findRoute, isKnownPath, type Route } from './routes/index.js';
import { BodyTooLargeError, type HttpResponse, json } from './routes/route.js';

/** aiohttp's default. */
const KEEP_ALIVE_MS = 3_630_000;

const CONTROL_PREFIX = '/simulator/';

export class HttpServer {
  readonly #server: Server;
  #listening: Promise<unknown> | undefined;

  constructor(
    private readonly instance: ServerInstance,
    private readonly simulator: Simulator,
  ) {
    const options = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 };
    this.#server = createServer(options, (request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request, duplex, head) => void this.#upgrade(request, duplex, head));
  }

  /** Resolves to the port. */
  async listen(port: number, host: string): Promise<number> {
    this.#listening = once(this.#server.listen(port, host), 'listening');
    await this.#listening;
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  /** Closes the server and cuts every connection, as the end of a process does. */
  async close(): Promise<void> {
    // A server that is closed before it listens would listen afterwards.
    if (!this.#server.listening) await this.#listening?.catch(() => {});
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { journal, settings } = this.instance.shared;
    const url = new URL(request.url ?? '/', 'http://simulator');
    // A client that disconnects early is no error here.
    request.on('error', () => response.destroy());
    response.on('error', () => response.destroy());
    if (url.pathname.startsWith(CONTROL_PREFIX)) return await this.#control(request, response, url);
    if (isCrossOrigin(request)) return send(response, { status: 403 });
    const route = findRoute(request.method ?? 'GET', url.pathname, settings.version);
    journal.countRequest(route.name);
    try {
      await this.#handle(route, request, response, url);
    } catch (error) {
      if (this.instance.signal.aborted) return void response.destroy();
      settings.logger.error({ error, route: route.name }, 'unhandled error in request');
      send(response, INTERNAL_SERVER_ERROR);
    }
  }

  async #handle(route: Route, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const details: PointDetails = { route: route.name };
    if (route.name === 'GET /history/*' && route.params[0]) details.promptId = route.params[0];
    const { before, after } = FAULT_POINTS[route.name] ?? {};
    if (await this.#isReplacedByFault('request', details, response)) return;
    if (before && (await this.#isReplacedByFault(before, details, response))) return;
    const result = await this.#respond(route, request, url);
    if (after && result.status === 200) {
      const promptId = /"prompt_id": "([^"]*)"/.exec(String(result.body))?.[1] ?? '';
      if (await this.#isReplacedByFault(after, { ...details, promptId }, response)) return;
    }
    if (route.name === 'GET /view') await this.#sendFile(response, result, details, request.method === 'HEAD');
    else send(response, result, request.method === 'HEAD');
  }

  async #respond({ handler, name, params }: Route, request: IncomingMessage, url: URL): Promise<HttpResponse> {
    if (!handler) return unknownRoute(request, name);
    try {
      const body = () => readBody(request);
      return await handler({ instance: this.instance, request, query: url.searchParams, params, body });
    } catch (error) {
      if (error instanceof BodyTooLargeError) return PAYLOAD_TOO_LARGE;
      this.instance.shared.settings.logger.debug({ error, route: name }, 'responding with 500');
      return INTERNAL_SERVER_ERROR;
    }
  }

  /** Triggers the faults of a point. Returns whether one replaced the response. Throws when the instance has stopped. */
  async #isReplacedByFault(point: Point, details: PointDetails, response: ServerResponse): Promise<boolean> {
    const { faults } = this.instance.shared;
    if (!faults.isArmed(point)) return false;
    const actions = await faults.trigger(point, details, this.instance.signal);
    this.instance.signal.throwIfAborted();
    return actions.some((action) => applyFault(action, response));
  }

  async #sendFile(
    response: ServerResponse,
    result: HttpResponse,
    details: PointDetails,
    isHead: boolean,
  ): Promise<void> {
    const { faults } = this.instance.shared;
    const body = Buffer.from(result.body ?? '');
    if (faults.isArmed('view:half') && result.status < 300 && !isHead) {
      response.writeHead(result.status, { ...result.headers, 'content-length': body.length });
      const half = Math.floor(body.length / 2);
      await new Promise((resolve) => response.write(body.subarray(0, half), resolve));
      if (await this.#isReplacedByFault('view:half', details, response)) return;
      response.end(body.subarray(half));
    } else send(response, result, isHead);
    if (!faults.isArmed('view:after')) return;
    if (!response.writableFinished) await new Promise((resolve) => response.once('close', resolve));
    await faults.trigger('view:after', details, this.instance.signal);
  }

  async #control(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (!this.instance.shared.settings.control) return send(response, { status: 404 });
    try {
      const body = request.method === 'POST' ? (await readBody(request)).toString('utf8') : '';
      const call = `${request.method} ${url.pathname.slice(CONTROL_PREFIX.length)}`;
      // An action that cuts the connection waits until the response is sent.
      const afterwards = (act: () => unknown) => void response.once('finish', act);
      send(response, json((await control(this.simulator, call, body, afterwards)) ?? {}));
    } catch (error) {
      send(response, json({ error: error instanceof Error ? error.message : String(error) }, 400));
    }
  }

  async #upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): Promise<void> {
    const { journal, faults } = this.instance.shared;
    const url = new URL(request.url ?? '/', 'http://simulator');
    duplex.on('error', () => duplex.destroy());
    const route = `GET ${url.pathname.replace(/^\/api(?=\/)/, '')}`;
    journal.countRequest(route);
    const reject = (status: string) =>
      duplex.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    try {
      for (const action of faults.isArmed('request')
        ? await faults.trigger('request', { route }, this.instance.signal)
        : []) {
        if (action.do === 'hang') return;
        if (action.do === 'reset') return void duplex.destroy();
        if (action.do === 'answer') return void reject(`${action.status ?? 500} Refused`);
      }
      if (this.instance.signal.aborted) return void duplex.destroy();
      if (route !== 'GET /ws') reject('404 Not Found');
      else if (isCrossOrigin(request)) reject('403 Forbidden');
      else this.instance.sockets.accept(request, duplex, head, url.searchParams.get('clientId') ?? '');
    } catch {
      duplex.destroy();
    }
  }
}

/** Whether a page of another origin calls a server on a loopback address. */
function isCrossOrigin({ headers: { host, origin } }: IncomingMessage): boolean {
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host ?? '');
  return isLoopback && origin !== undefined && URL.canParse(origin) && new URL(origin).host !== host;
}

function unknownRoute(request: IncomingMessage, name: string): HttpResponse {
  if (request.method === 'OPTIONS') return { status: 200 };
  const [, path = ''] = name.split(' ');
  if (path === '/ws')
    return { status: 400, body: 'No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".' };
  return isKnownPath(path) ? { status: 405, body: '405: Method Not Allowed' } : { status: 404 };
}
