/** A stub server with scripted responses: for responses that neither ComfyUI nor the simulator sends, and for recordings. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export type Call = {
  /** Method and path: `POST /prompt`. */
  route: string;
  url: URL;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  json: Record<string, unknown>;
  response: http.ServerResponse;
  /** Milliseconds of `performance.now()`. */
  at: number;
};

/** Its result is sent as JSON. If it returns undefined, it responds by itself or not at all. */
export type StubResponse = (call: Call) => unknown;

export type StubServer = {
  url: string;
  /** By route; may be changed at any time. `GET /history` is for every id. */
  responses: Record<string, StubResponse>;
  calls: Call[];
  /** The open WebSockets with their client ids, oldest first. */
  sockets: { clientId: string; socket: WebSocket; received: string[] }[];
  /** Sends the first message to a new socket. */
  greet: (socket: WebSocket, clientId: string, request: http.IncomingMessage) => void;
  /** Sends a message to every socket. */
  say(message: object): void;
  /** The number of requests to a route. */
  count(route: string): number;
  close(): Promise<void>;
};

export const status = (queue_remaining: number) => ({
  type: 'status',
  data: { status: { exec_info: { queue_remaining } } },
});

/** By default nothing is queued, the history is empty, and every prompt is accepted. */
export async function startStub(responses: Record<string, StubResponse> = {}, port = 0): Promise<StubServer> {
  const server = http.createServer();
  const webSockets = new WebSocketServer({ server, path: '/ws' });
  const stub: StubServer = {
    url: '',
    responses: {
      'GET /queue': () => ({ queue_running: [], queue_pending: [] }),
      'GET /history': () => ({}),
      'POST /prompt': ({ json }) => ({ prompt_id: json.prompt_id, number: 1, node_errors: {} }),
      'POST /queue': ({ response }) => void response.end(),
      'POST /interrupt': ({ response }) => void response.end(),
      'POST /free': ({ response }) => void response.end(),
      ...responses,
    },
    calls: [],
    sockets: [],
    greet: (socket, sid) => socket.send(JSON.stringify({ ...status(0), data: { ...status(0).data, sid } })),
    say: (message) => {
      for (const { socket } of stub.sockets) socket.send(JSON.stringify(message));
    },
    count: (route) => stub.calls.filter((call) => call.route === route).length,
    close: async () => {
      for (const client of webSockets.clients) client.terminate();
      webSockets.close();
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
  webSockets.on('connection', (socket, request) => {
    const clientId = new URL(request.url ?? '', 'http://stub').searchParams.get('clientId') ?? '';
    const open = { clientId, socket, received: [] as string[] };
    stub.sockets.push(open);
    socket.on('message', (data) => open.received.push(data.toString()));
    socket.on('close', () => stub.sockets.splice(stub.sockets.indexOf(open), 1));
    stub.greet(socket, clientId, request);
  });
  server.on('request', async (request, response) => {
    const url = new URL(request.url ?? '', 'http://stub');
    const path = url.pathname.startsWith('/history/') ? '/history' : url.pathname;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const isJson = request.headers['content-type'] === 'application/json';
    const json = isJson ? (JSON.parse(body.toString()) as Record<string, unknown>) : {};
    const route = `${request.method} ${path}`;
    const call: Call = { route, url, headers: request.headers, body, json, response, at: performance.now() };
    stub.calls.push(call);
    const answer = stub.responses[call.route];
    if (!answer) return void response.writeHead(404).end();
    const result = await answer(call);
    if (result !== undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stub;
}
