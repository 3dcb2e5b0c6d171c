/** HTTP: takes requests to their routes, past the faults on the way, and answers as aiohttp does. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Passing, Point } from '../faults/faults.js';
import type { Simulator } from '../simulator.js';
import type { Life } from '../state/server-instance.js';
import { BROKEN, readBody, replace, send, TOO_LARGE } from './respond.js';
import { control } from './routes/control.js';
import { findRoute, isKnownPath, POINTS, type Route } from './routes/index.js';
import { type Answer, json, TooLarge } from './routes/route.js';

/** aiohttp's. */
const KEEP_ALIVE_MS = 3_630_000;

const CONTROL_PREFIX = '/simulator/';

export class HttpServer {
  readonly #server: Server;

  constructor(
    private readonly life: Life,
    private readonly simulator: Simulator,
  ) {
    const options = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 };
    this.#server = createServer(options, (request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request, duplex, head) => void this.#upgrade(request, duplex, head));
  }

  /** Resolves to the port. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  /** Cuts every connection, as the end of a process does. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { journal, settings } = this.life.world;
    const url = new URL(request.url ?? '/', 'http://simulator');
    // A client that goes away in the middle is no error here.
    request.on('error', () => response.destroy());
    response.on('error', () => response.destroy());
    if (url.pathname.startsWith(CONTROL_PREFIX)) return await this.#control(request, response, url);
    if (isForeign(request)) return send(response, { status: 403 });
    const route = findRoute(request.method ?? 'GET', url.pathname, settings.version);
    journal.count(route.name);
    try {
      await this.#pass(route, request, response, url);
    } catch (error) {
      if (this.life.signal.aborted) return void response.destroy();
      settings.logger.error({ error, route: route.name }, 'A request failed in the simulator itself');
      send(response, BROKEN);
    }
  }

  async #pass(route: Route, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const passing: Passing = { route: route.name };
    if (route.name === 'GET /history/*' && route.params[0]) passing.promptId = route.params[0];
    const { before, after } = POINTS[route.name] ?? {};
    if (await this.#isReplaced('request', passing, response)) return;
    if (before && (await this.#isReplaced(before, passing, response))) return;
    const answer = await this.#answer(route, request, url);
    if (after && answer.status === 200) {
      const promptId = /"prompt_id": "([^"]*)"/.exec(String(answer.body))?.[1] ?? '';
      if (await this.#isReplaced(after, { ...passing, promptId }, response)) return;
    }
    if (route.name === 'GET /view') await this.#sendFile(response, answer, passing, request.method === 'HEAD');
    else send(response, answer, request.method === 'HEAD');
  }

  async #answer({ handler, name, params }: Route, request: IncomingMessage, url: URL): Promise<Answer> {
    if (!handler) return unknownRoute(request, name);
    try {
      const body = () => readBody(request);
      return await handler({ life: this.life, request, query: url.searchParams, params, body });
    } catch (error) {
      if (error instanceof TooLarge) return TOO_LARGE;
      this.life.world.settings.logger.debug({ error, route: name }, 'A request was answered 500');
      return BROKEN;
    }
  }

  /** Passes a point; whether a fault took the answer over. Throws when this life ended meanwhile. */
  async #isReplaced(point: Point, passing: Passing, response: ServerResponse): Promise<boolean> {
    const { faults } = this.life.world;
    if (!faults.expects(point)) return false;
    const actions = await faults.reach(point, passing, this.life.signal);
    this.life.signal.throwIfAborted();
    return actions.some((action) => replace(action, response));
  }

  async #sendFile(response: ServerResponse, answer: Answer, passing: Passing, isHead: boolean): Promise<void> {
    const { faults } = this.life.world;
    const body = Buffer.from(answer.body ?? '');
    if (faults.expects('view:half') && answer.status < 300 && !isHead) {
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
      const half = Math.floor(body.length / 2);
      await new Promise((resolve) => response.write(body.subarray(0, half), resolve));
      if (await this.#isReplaced('view:half', passing, response)) return;
      response.end(body.subarray(half));
    } else send(response, answer, isHead);
    if (!faults.expects('view:after')) return;
    if (!response.writableFinished) await new Promise((resolve) => response.once('close', resolve));
    await faults.reach('view:after', passing, this.life.signal);
  }

  async #control(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (!this.life.world.settings.control) return send(response, { status: 404 });
    try {
      const body = request.method === 'POST' ? (await readBody(request)).toString('utf8') : '';
      const call = `${request.method} ${url.pathname.slice(CONTROL_PREFIX.length)}`;
      // What ends the connection is done when the answer is out.
      const afterwards = (act: () => unknown) => void response.once('finish', act);
      send(response, json((await control(this.simulator, call, body, afterwards)) ?? {}));
    } catch (error) {
      send(response, json({ error: error instanceof Error ? error.message : String(error) }, 400));
    }
  }

  async #upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): Promise<void> {
    const { journal, faults } = this.life.world;
    const url = new URL(request.url ?? '/', 'http://simulator');
    duplex.on('error', () => duplex.destroy());
    const route = `GET ${url.pathname.replace(/^\/api(?=\/)/, '')}`;
    journal.count(route);
    const refuse = (status: string) =>
      duplex.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    try {
      for (const action of faults.expects('request')
        ? await faults.reach('request', { route }, this.life.signal)
        : []) {
        if (action.do === 'hang') return;
        if (action.do === 'reset') return void duplex.destroy();
        if (action.do === 'answer') return void refuse(`${action.status ?? 500} Refused`);
      }
      if (this.life.signal.aborted) return void duplex.destroy();
      if (route !== 'GET /ws') refuse('404 Not Found');
      else if (isForeign(request)) refuse('403 Forbidden');
      else this.life.sockets.accept(request, duplex, head, url.searchParams.get('clientId') ?? '');
    } catch {
      duplex.destroy();
    }
  }
}

/** A page of another origin that reaches a server on the same machine. */
function isForeign({ headers: { host, origin } }: IncomingMessage): boolean {
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host ?? '');
  return isLoopback && origin !== undefined && URL.canParse(origin) && new URL(origin).host !== host;
}

function unknownRoute(request: IncomingMessage, name: string): Answer {
  if (request.method === 'OPTIONS') return { status: 200 };
  const [, path = ''] = name.split(' ');
  if (path === '/ws')
    return { status: 400, body: 'No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".' };
  return isKnownPath(path) ? { status: 405, body: '405: Method Not Allowed' } : { status: 404 };
}
